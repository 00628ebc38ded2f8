import fc from 'fast-check'
import t from 'tap'
import { AnswerMemory } from '../../domain/answer-memory.ts'
import type { StockEvent } from '../../domain/events.ts'
import { restoreAnswer, type LoggedUnit } from '../../domain/logged-unit.ts'
import { holds } from './property.ts'
import { storeId } from './units.ts'

const ttlMs = 1000

/** A unit written at `at` that remembers a refusal under each of these keys. */
function remembering(id: string, at: number, ...keys: readonly string[]): LoggedUnit {
  const refused = {
    refusal: { code: 'not_found', storeId, sku: id },
    current: { qty: 0, version: 0 }
  } as const
  return {
    id,
    at,
    events: [],
    answers: keys.map((key) => ({ key, fingerprint: 'f', until: at + ttlMs, lines: [refused] }))
  }
}

t.test('a key is held until its time, by the clock of whoever asks', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 100, 'k'))
  t.match(memory.find('k', 100)?.toJSON(), {
    unitId: 'w-1',
    fingerprint: 'f',
    until: 1100,
    answer: { at: 100 }
  })
  t.ok(memory.find('k', 1099))
  t.equal(memory.find('k', 1100), undefined)
  t.ok(memory.find('k', 0), 'a clock that is behind finds it too')
  t.equal(memory.find('other', 100), undefined)
})

t.test('a free key can be given again', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 100, 'k'))
  memory.apply(remembering('w-2', 1100, 'k'))
  t.match(memory.find('k', 1100)?.toJSON(), { unitId: 'w-2', until: 2100 })
  t.equal(memory.size, 1)
})

t.test('the memory lets go of what the log has left behind', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 100, 'k-1', 'k-2'))
  memory.apply(remembering('w-2', 200, 'k-3'))
  memory.apply(remembering('w-3', 2099))
  t.equal(memory.size, 3, 'not before twice their time')
  t.ok(memory.find('k-1', 500), 'for a clock set back still finds them')
  memory.apply(remembering('w-4', 2100))
  t.equal(memory.size, 1)
  t.equal(memory.find('k-1', 500), undefined)
  t.ok(memory.find('k-3', 500))
  t.equal(memory.logTime, 2100)
})

t.test('what is let go was not to be found before it was let go either', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 100, 'k'))
  t.equal(
    memory.find('k', 500, 2100),
    undefined,
    'a reader knows what the log has shown before it applies it'
  )
  t.ok(memory.find('k', 500, 2099))
})

t.test('a key given again takes its place among the youngest', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 100, 'k-1', 'k-2'))
  memory.apply(remembering('w-2', 2000, 'k-1'))
  memory.apply(remembering('w-3', 2100))
  t.equal(memory.size, 1, 'so that it does not keep the others from being let go')
  t.ok(memory.find('k-1', 2100))
})

t.test('one clock far ahead does not free the keys that the right ones give after it', async (t) => {
  const memory = new AnswerMemory()
  memory.apply(remembering('w-1', 1_000_000))
  memory.apply(remembering('w-2', 100, 'k'))
  t.ok(memory.find('k', 150))
  memory.apply(remembering('w-3', 1_000_500))
  t.ok(memory.find('k', 160))
  t.equal(memory.find('k', 1100), undefined, 'until their time')
  memory.apply(remembering('w-4', 1_002_000))
  t.equal(memory.size, 0, 'and they are let go at last')
})

t.test('under a steady stream of keys as many are held as their time says', async (t) => {
  const held = 20_000
  const perInstant = 20
  const memory = new AnswerMemory()
  const apply = (index: number): void => {
    const at = Math.floor(index / perInstant)
    const { answers = [], ...unit } = remembering(`w-${index}`, at, `k-${index}`)
    memory.apply({
      ...unit,
      answers: answers.map((answer) => ({ ...answer, until: at + held / perInstant / 2 }))
    })
  }
  for (let index = 0; index < 10 * held; index += 1) {
    apply(index)
    if (memory.size > held + perInstant) t.fail(`${memory.size} keys are held`)
  }
  const keys = [...memory.capture().parts].flatMap((part) => part.keys)
  t.equal(keys.length, memory.size)
  t.equal(keys.at(-1), `k-${10 * held - 1}`)
  t.equal(keys[0], `k-${10 * held - memory.size}`)
})

/** An event of whichever kind answers differently, that says which one it is. */
function eventOf(kind: 'adjusted' | 'reserved' | 'released', number: number): StockEvent {
  const facts = { storeId, sku: `sku ${number} ü✓`, base: '', qty: number, version: number + 1 }
  if (kind === 'adjusted') return { type: kind, ...facts, delta: 1, reserved: 0 }
  const reservation = { reservationId: `r-${number}`, units: 1 }
  if (kind === 'reserved')
    return { type: kind, ...facts, ...reservation, delta: -1, reserved: 1, expiresAt: 9 }
  return { type: kind, ...facts, ...reservation, delta: 1, reserved: 0 }
}

const unitOf = fc.record({
  later: fc.nat(40),
  ttlMs: fc.integer({ min: 1, max: 100 }),
  names: fc.uniqueArray(fc.nat(60), { maxLength: 5 }),
  kind: fc.constantFrom('adjusted', 'reserved', 'released', 'refused', 'several')
})

t.test('what is found, held and captured is what a plain list of all answers says', async (t) => {
  const property = fc.property(fc.array(unitOf, { maxLength: 60 }), fc.nat(30), (units, filling) => {
    let memory = new AnswerMemory()
    let all: {
      key: string
      at: number
      until: number
      forgottenFrom: number
      unit: LoggedUnit
      line: number
    }[] = []
    let at = 0
    const apply = (unit: LoggedUnit): void => {
      memory.apply(unit)
      for (const [line, { key, until }] of (unit.answers ?? []).entries()) {
        all.push({ key, at, until, forgottenFrom: at + 2 * (until - at), unit, line })
      }
    }
    for (const [index, { later, ttlMs, names, kind }] of units.entries()) {
      at += later
      // So that most of them are packed into blocks.
      const keys = [
        ...names.map((name) => `s k${name}`),
        ...Array.from({ length: filling * 10 }, (_, i) => `s ${index}/${i}`)
      ]
      const event = kind === 'refused' || kind === 'several' ? 'adjusted' : kind
      const refused = {
        refusal: { code: 'not_found', storeId, sku: 'none' },
        current: { qty: 0, version: 0 }
      } as const
      const lines = (place: number) =>
        kind === 'refused' ? [refused] : kind === 'several' ? [place, refused] : [place]
      apply({
        id: `w-${index}`,
        at,
        events: keys.map((_, place) => eventOf(event, place)),
        answers: keys.map((key, place) => ({
          key,
          fingerprint: `f${place}`,
          until: at + ttlMs,
          lines: lines(place)
        }))
      })
      const firstHeld = all.findIndex(({ forgottenFrom }) => at < forgottenFrom)
      all = firstHeld < 0 ? [] : all.slice(firstHeld)
      if (index % 7 === 6)
        memory = AnswerMemory.restore(JSON.parse(JSON.stringify(captured(memory))) as never)
    }
    const newest = new Map(all.map((one) => [one.key, one]))
    if (memory.size !== newest.size) return false
    const drawn = captured(memory).parts.flatMap(({ keys }) => keys)
    const expected = all.filter((one) => newest.get(one.key) === one).map(({ key }) => key)
    if (JSON.stringify(drawn) !== JSON.stringify(expected)) return false
    return [...newest.values()].every(({ key, until, forgottenFrom, unit, line }) => {
      const found = memory.find(key, at)
      if (at >= until || at >= forgottenFrom) return found === undefined
      const answer = restoreAnswer(unit, unit.answers?.[line] as never)
      const said = { unitId: unit.id, fingerprint: `f${line}`, until, forgottenFrom, answer }
      return JSON.stringify(found) === JSON.stringify(said) && memory.find(`${key}x`, at) === undefined
    })
  })
  holds(t, 'as the list says', property, 100)
})

/** A capture, all of it drawn. */
function captured(memory: AnswerMemory) {
  const { parts, ...rest } = memory.capture()
  return { ...rest, parts: [...parts] }
}
