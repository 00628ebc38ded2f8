// What a power cut may leave, over random histories and seeds.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'

/** A write of `length` times the byte, at a share of the file's length (1 is its end), then perhaps a sync. */
interface Change {
  byte: number
  length: number
  share: number
  synced: boolean
}

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    byte: fc.integer({ min: 1, max: 255 }),
    length: fc.integer({ min: 1, max: 1500 }),
    share: fc.constantFrom(0, 0.3, 0.9, 1, 1, 1),
    synced: fc.boolean()
  }),
  { maxLength: 12 }
)

/** The disk after the changes, what was synced of the file, and every value each byte has had since then. */
async function history(changes: Change[]) {
  const files = new MemoryFileSystem({ schedule: async () => undefined })
  const created = await files.open('/log', 'create')
  await files.syncFolder('/')
  const file = await files.open('/log', 'update')
  let synced = new Uint8Array(0)
  let unsynced: Set<number>[] = []
  for (const { byte, length, share, synced: syncs } of changes) {
    const position = Math.floor(file.size() * share)
    await file.writeAt(new Uint8Array(length).fill(byte), position)
    for (let at = position; at < position + length; at += 1) (unsynced[at] ??= new Set()).add(byte)
    if (!syncs) continue
    await file.syncData()
    synced = new Uint8Array(files.readAll('/log'))
    unsynced = []
  }
  await created.close()
  return { files, synced, unsynced }
}

t.test('synced bytes survive, and no byte is found that nobody wrote', async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.integer(), async (changes, seed) => {
      const { files, synced, unsynced } = await history(changes)
      const current = files.readAll('/log')
      const found = files.crash({ seed, keepUnsynced: 'some' }).readAll('/log')
      assert.ok(found.length >= synced.length && found.length <= current.length)
      for (const [at, byte] of found.entries()) {
        const old = synced[at] ?? 0
        assert.ok(byte === old || unsynced[at]?.has(byte), `byte ${byte} at ${at}`)
      }
      assert.deepEqual(files.crash().readAll('/log'), synced)
      assert.deepEqual(files.crash({ keepUnsynced: 'all' }).readAll('/log'), current)
    })
  )
})

t.test('the same seed finds the same disk', async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.integer(), async (changes, seed) => {
      const { files } = await history(changes)
      const [one, two] = [0, 1].map(() => files.crash({ seed, keepUnsynced: 'some' }).readAll('/log'))
      assert.deepEqual(one, two)
    })
  )
})

t.test('the seeds reach every kind of damage', async (t) => {
  const { files } = await history([
    { byte: 1, length: 700, share: 1, synced: true },
    { byte: 2, length: 3000, share: 1, synced: false },
    { byte: 3, length: 100, share: 0, synced: false }
  ])
  const met = new Set<string>()
  for (let seed = 0; seed < 200; seed += 1) {
    const found = files.crash({ seed, keepUnsynced: 'some' }).readAll('/log')
    const zeros = found.includes(0)
    met.add(found.length === 3700 ? 'whole length' : 'torn')
    met.add(zeros ? 'sectors of zeros' : 'no zeros')
    met.add(found[0] === 3 ? 'new bytes' : 'old bytes')
    if (found.length < 3700 && (found.length - 700) % 512 !== 0) met.add('torn within a sector')
    if (zeros && found.at(-1) === 2) met.add('zeros before written bytes')
    const zero = found.indexOf(0)
    if (zero > 700) t.equal(zero % 512, 0, 'zeros start where a sector does')
  }
  t.same([...met].sort(), [
    'new bytes',
    'no zeros',
    'old bytes',
    'sectors of zeros',
    'torn',
    'torn within a sector',
    'whole length',
    'zeros before written bytes'
  ])
})

t.test('of the unsynced names the first few are kept, in their order', async (t) => {
  const files = new MemoryFileSystem()
  for (const name of ['a', 'b', 'c']) await (await files.open(`/${name}`, 'create')).close()
  const found = new Set<string>()
  for (let seed = 0; seed < 100; seed += 1)
    found.add(files.crash({ seed, keepUnsynced: 'some' }).paths().join(' '))
  t.same([...found].sort(), ['', '/a', '/a /b', '/a /b /c'])
})
