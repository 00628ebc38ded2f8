// Every byte of a log is flipped in turn, in several ways: what was acknowledged is found damaged, never served wrong.
import assert from 'node:assert/strict'
import t from 'tap'
import { DamageError } from '../../../adapters/wal/damage.ts'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import { workload } from './workload.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import { openOn } from './machine.ts'
import { isTried, share } from './thoroughness.ts'
import { contents, fewUnits, serve, smallLog, type SmallLog } from './small-log.ts'

const seed = Number(process.env.FLIP_SEED ?? Date.now() % 1_000_000)
const longer = workload({ seed, steps: 12 })
t.comment(`FLIP_SEED=${seed}`)

interface Flip {
  readonly path: string
  readonly offset: number
  readonly byte: number
  readonly mask: number
}

/** One bit, each in its turn, and the change into a newline and into a zero, the bytes that mean something to a reader. */
function* flips({ disk, segments }: SmallLog): Generator<Flip> {
  for (const path of segments) {
    for (const [offset, byte] of disk.readAll(path).entries()) {
      if (!isTried(offset, seed)) continue
      for (const mask of new Set([1 << (offset % 8), byte ^ 0x0a, byte]))
        if (mask !== 0) yield { path, offset, byte, mask }
    }
  }
}

/** Some of the flips of a longer log, chosen by the seed. */
function* someFlips({ disk, segments }: SmallLog, count: number): Generator<Flip> {
  const random = seededRandom(seed)
  for (let index = 0; index < count; index += 1) {
    const path = segments[below(segments.length, random)]!
    const bytes = disk.readAll(path)
    if (bytes.length === 0) continue
    const offset = below(bytes.length, random)
    yield { path, offset, byte: bytes[offset]!, mask: 1 + below(255, random) }
  }
}

const where = ({ path, offset, mask }: Flip) => `${path} byte ${offset} mask ${mask}`

function lastFrameStart({ disk, segments }: SmallLog): number {
  const bytes = Buffer.from(disk.readAll(segments.at(-1)!))
  return bytes.lastIndexOf(0x0a, bytes.length - 2)
}

function assertRefusal(log: SmallLog, flip: Flip, refused: DamageError): void {
  assert.ok(log.segments.includes(refused.path), `${where(flip)}: it names a segment`)
  assert.ok(refused.offset >= 0 && refused.offset <= log.disk.readAll(refused.path).length)
  assert.match(refused.message, /^damage in \S+ at byte \d+: \S/)
}

t.test('in a log that was closed no acknowledged event is ever missing without refusal', async (t) => {
  const log = await smallLog({ actions: fewUnits(), segmentBytesMax: 600, isClosed: true })
  t.ok(log.segments.length >= 2, 'there are several segments')
  const counts = await flipInClosedLog(log, flips(log))
  t.comment(counts)
  t.ok(counts.flips > share(3000))
  t.ok(counts.refused > counts.flips * 0.7)
  t.ok(counts.served > share(100))

  const long = await smallLog({ actions: longer, segmentBytesMax: 3000, isClosed: true })
  const more = await flipInClosedLog(long, someFlips(long, 500))
  t.comment(more)
  t.ok(more.refused > 300)
})

async function flipInClosedLog(log: SmallLog, toTry: Iterable<Flip>) {
  const markStart = lastFrameStart(log)
  const counts = { flips: 0, refused: 0, served: 0 }
  for (const flip of toTry) {
    counts.flips += 1
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
    const before = flip.offset % 16 === 0 ? contents(log.disk) : undefined
    const found = await serve(log.disk)
    if (before !== undefined)
      assert.deepEqual(contents(log.disk), before, `${where(flip)}: opening changes nothing`)
    if ('refused' in found) {
      counts.refused += 1
      assertRefusal(log, flip, found.refused)
    } else {
      counts.served += 1
      assert.deepEqual(found.events, log.events, `${where(flip)}: it serves all`)
      const isInMark = flip.path === log.segments.at(-1) && flip.offset >= markStart
      assert.ok(isInMark, `${where(flip)}: in the closing mark`)
      await assertReported(log, found.ledger, flip)
    }
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
  }
  return counts
}

t.test('in a log that was not closed only the last write can be skipped, and it is reported', async (t) => {
  const log = await smallLog({ actions: fewUnits(), segmentBytesMax: 1_000_000, isClosed: false })
  const bytes = Buffer.from(log.disk.readAll(log.segments[0]!))
  const lastWrite = bytes.lastIndexOf('"durable":')
  const lastWriteStart = bytes.lastIndexOf(0x0a, lastWrite)
  const counts = { flips: 0, refused: 0, whole: 0, shortened: 0 }
  for (const flip of flips(log)) {
    counts.flips += 1
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
    const found = await serve(log.disk)
    if ('refused' in found) {
      counts.refused += 1
      assertRefusal(log, flip, found.refused)
    } else {
      assert.ok(flip.offset >= lastWriteStart - 1, `${where(flip)}: in the last write, ${lastWriteStart}`)
      assert.deepEqual(
        found.events,
        log.events.slice(0, found.events.length),
        `${where(flip)}: a state that was`
      )
      const isWhole = found.events.length === log.events.length
      counts[isWhole ? 'whole' : 'shortened'] += 1
      if (!isWhole) {
        const units = new Set(found.events.map(({ unitId }) => unitId))
        const missing = log.events.slice(found.events.length)
        assert.ok(
          missing.every(({ unitId }) => !units.has(unitId)),
          `${where(flip)}: no unit is half there`
        )
      }
      await assertReported(log, found.ledger, flip)
    }
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
  }
  await log.ledger.close()
  t.comment(counts)
  t.ok(counts.flips > share(3000))
  t.ok(counts.refused > counts.flips / 3)
  t.ok(counts.shortened > share(100))
})

t.test(
  'the last frame of a writer that died is found damaged once others have written behind it',
  async (t) => {
    const log = await smallLog({ actions: fewUnits(), segmentBytesMax: 1_000_000, isClosed: false })
    const [path] = log.segments
    const end = log.disk.readAll(path!).length
    const start = lastFrameStart(log)
    const disk = log.disk.crash({ keepUnsynced: 'none' })
    await log.ledger.close()
    const next = await openOn(disk)
    // On another record, so that nothing but the place in the log ties the two together.
    const command = { type: 'adjust', storeId: 's', sku: 'other', delta: 1 } as const
    await next.execute({ at: 1_000_000, lines: [{ command }], atomic: false })
    const whole = { ...log, disk }
    const counts = { flips: 0 }
    for (const flip of flips(whole)) {
      if (flip.offset <= start || flip.offset >= end) continue
      counts.flips += 1
      disk.flipByte(flip.path, flip.offset, flip.mask)
      const found = await serve(disk)
      assert.ok('refused' in found, `${where(flip)}: refused`)
      assertRefusal(whole, flip, found.refused)
      disk.flipByte(flip.path, flip.offset, flip.mask)
    }
    await next.close()
    t.comment(counts)
    t.ok(counts.flips > share(500))
  }
)

/** What was skipped is counted at once; a line that has lost its end, as soon as the next frame gives it one. */
async function assertReported({ disk, segments }: SmallLog, ledger: WalLedger, flip: Flip): Promise<void> {
  let reporter = ledger
  if (flip.offset === disk.readAll(segments.at(-1)!).length - 1) {
    reporter = await openOn(disk.crash({ keepUnsynced: 'all' }))
    await reporter.close()
  }
  assert.ok(reporter.skipped.length > 0 && reporter.health().tornFrames > 0, `${where(flip)}: reported`)
}

t.test('under a running ledger a flipped byte is found by whoever reads it', async (t) => {
  const log = await smallLog({ actions: fewUnits(), segmentBytesMax: 600, isClosed: false })
  const counts = { flips: 0, refused: 0, served: 0 }
  const { storeId, sku } = log.events[0]!.event
  const history = await log.ledger.history({ storeId, sku, limit: 1000 })
  for (const flip of flips(log)) {
    counts.flips += 1
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
    const feed = await log.ledger.read(1, 1_000_000).catch((error: unknown) => error)
    const found = await log.ledger.history({ storeId, sku, limit: 1000 }).catch((error: unknown) => error)
    for (const [answer, right] of [
      [feed, log.events],
      [found, history]
    ] as const) {
      if (answer instanceof DamageError) {
        assert.equal(answer.path, flip.path)
        assert.ok(answer.offset <= flip.offset + 1, 'it names the frame')
      } else assert.deepEqual(answer, right, `${where(flip)}: all or nothing`)
    }
    counts[feed instanceof DamageError ? 'refused' : 'served'] += 1
    log.disk.flipByte(flip.path, flip.offset, flip.mask)
  }
  assert.deepEqual(await log.ledger.read(1, 1_000_000), log.events, 'healed')
  await log.ledger.close()
  t.comment(counts)
  t.ok(counts.refused > counts.flips / 2)
})
