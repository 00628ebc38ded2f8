import fc from 'fast-check'
import t from 'tap'
import { KeyIndex } from '../../domain/key-index.ts'
import { holds } from './property.ts'

/** Keys under numbers from 0, as many of the oldest let go as is asked for. */
class Keys {
  readonly index = new KeyIndex(this)
  readonly given: string[] = []
  oldest = 0

  isKey(number: number, key: string): boolean {
    if (number < this.oldest) throw new RangeError(`${number} was let go`)
    return this.given[number] === key
  }

  give(key: string): number | undefined {
    const before = this.index.set(key, this.given.length)
    this.given.push(key)
    return before
  }

  /** What a search through all of them finds. */
  numberOf(key: string): number | undefined {
    const number = this.given.lastIndexOf(key)
    return number < this.oldest ? undefined : number
  }
}

const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.nat(50).map(String)
)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ give: key }) },
  { weight: 1, arbitrary: fc.record({ drop: fc.nat(20) }) }
)

t.test('it finds what a search through all keys finds', async (t) => {
  const property = fc.property(fc.array(step, { maxLength: 200 }), fc.array(key), (steps, others) => {
    const keys = new Keys()
    for (const one of steps) {
      if ('drop' in one) keys.oldest = Math.min(keys.given.length, keys.oldest + one.drop)
      else if (keys.numberOf(one.give) !== keys.give(one.give)) return false
    }
    return [...keys.given, ...others].every((one) => keys.index.find(one) === keys.numberOf(one))
  })
  holds(t, 'the same', property)
})

t.test('it grows with the keys that are held, and not with those that were let go', async (t) => {
  const held = 3000
  const keys = new Keys()
  for (let number = 0; number < 100_000; number += 1) {
    if (keys.give(`scope key-${number}`) !== undefined) t.fail(`key-${number} was there before it was given`)
    keys.oldest = Math.max(0, number - held)
    const probe = number - (number % (held + 100))
    const found = keys.index.find(`scope key-${probe}`)
    if (found !== (probe < keys.oldest ? undefined : probe)) t.fail(`key-${probe} is found under ${found}`)
  }
  t.equal(keys.index.find(`scope key-${99_999 - held}`), 99_999 - held)
  t.equal(keys.index.find(`scope key-${99_998 - held}`), undefined)
  t.ok(keys.index.bytes < held * 50, `${keys.index.bytes} bytes for ${held} keys`)
})

t.test('numbers of any size', async (t) => {
  const held = new Map<number, string>()
  const holder = { oldest: 0, isKey: (number: number, key: string) => held.get(number) === key }
  const index = new KeyIndex(holder)
  const give = (key: string, number: number): number | undefined => {
    held.set(number, key)
    return index.set(key, number)
  }
  give('a', 0)
  for (const [before, number] of [
    [0, 2 ** 32 - 2],
    [2 ** 32 - 2, 2 ** 32 - 1],
    [2 ** 32 - 1, 2 ** 33 - 10]
  ] as const) {
    holder.oldest = before
    t.equal(give('a', number), before)
    t.equal(index.find('a'), number)
    t.equal(index.find('b'), undefined)
  }
})
