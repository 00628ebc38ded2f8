import crypto, { createHash } from 'node:crypto'
import t from 'tap'
import { KeyRing } from '../../../plugins/api-keys/key-ring.ts'

const keys = ['a', 'key-of-a-store', 'k'.repeat(256)]
const adminKeys = ['key-of-an-administrator', '~']
const prefix = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 16)

t.test('each key is found, whatever its place and length, and named by its digest', async (t) => {
  const keyRing = new KeyRing(keys, adminKeys)
  for (const key of keys) t.strictSame(keyRing.callerOf(key), { kind: 'caller', id: prefix(key) })
  for (const key of adminKeys) t.strictSame(keyRing.callerOf(key), { kind: 'admin', id: prefix(key) })
  t.ok(Object.isFrozen(keyRing.callerOf('a')))
})

t.test('nothing else is', async (t) => {
  const keyRing = new KeyRing(keys, adminKeys)
  const others = [
    '',
    ' ',
    'A',
    'a ',
    'a, a',
    'key-of-a-stor',
    'key-of-a-storee',
    'k'.repeat(255),
    'é',
    prefix('a')
  ]
  for (const other of others) t.equal(keyRing.callerOf(other), undefined, JSON.stringify(other))
  t.equal(new KeyRing([], []).callerOf(''), undefined)
})

t.test('it is empty without any key only', async (t) => {
  t.ok(new KeyRing([], []).isEmpty)
  t.notOk(new KeyRing(['a'], []).isEmpty)
  t.notOk(new KeyRing([], ['a']).isEmpty)
})

t.test('all digests are compared in constant time, whichever key comes', async (t) => {
  const lengths: number[] = []
  const mocked = await t.mockImport<{ KeyRing: typeof KeyRing }>('../../../plugins/api-keys/key-ring.ts', {
    'node:crypto': {
      ...crypto,
      timingSafeEqual: (one: Buffer, other: Buffer) => {
        lengths.push(one.length, other.length)
        return crypto.timingSafeEqual(one, other)
      }
    }
  })
  const keyRing = new mocked.KeyRing(keys, adminKeys)
  for (const given of [...keys, ...adminKeys, '', 'unknown', 'x'.repeat(10_000)]) {
    lengths.length = 0
    keyRing.callerOf(given)
    t.strictSame(lengths, Array(10).fill(64), `${given.length} characters`)
  }
})
