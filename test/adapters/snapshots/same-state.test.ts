// A ledger that goes on from a snapshot is the one that has read the whole log, whatever comes next.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import { parseFrame } from '../../../adapters/wal/frame-body.ts'
import type { Frame } from '../../../adapters/wal/frame.ts'
import { LineScan } from '../../../adapters/wal/scanned-lines.ts'
import { LogReplay } from '../../../adapters/wal/log-replay.ts'
import { encodeBlock, ReadBlock } from '../../../adapters/wal/snapshot/block.ts'
import { blocksOf, SnapshotContent } from '../../../adapters/wal/snapshot/snapshot-blocks.ts'
import type { RecordState } from '../../../domain/record.ts'
import { holds } from '../../domain/property.ts'
import { plain } from '../../domain/plain-state.ts'
import { encoded, LogReader, outcomeOf, pathOf, randomLog, type LogSegment } from './random-log.ts'

const steps = fc.record({
  seed: fc.nat(1_000_000),
  cut: fc.nat(1_000_000),
  later: fc.array(fc.nat(1_000_000), { minLength: 3, maxLength: 3 })
})

/** The snapshot of a replay, in bytes: everything there is to know of it. */
function snapshotOf(replay: LogReplay): Buffer[] {
  const capture = replay.capture()
  const blocks = [...blocksOf(capture)].map((block, number) => encodeBlock(block, number))
  capture.book.release()
  return blocks
}

function restored(blocks: readonly Buffer[]): LogReplay {
  const content = new SnapshotContent()
  for (const bytes of blocks) content.add(new ReadBlock(bytes))
  return new LogReplay(pathOf, content.parts())
}

/** The reader that has read a part of the log, which ends at any byte. */
function readUntil(log: readonly LogSegment[], cut: number): LogReader {
  const random = seededRandom(cut)
  const reader = new LogReader(log)
  for (let times = below(log.length, random); times > 0; times -= 1) reader.read(log, 1e9)
  const segment = log.find(({ first }) => first === reader.replay.position.segment)!
  reader.read(log, below(segment.bytes.length + 1, random))
  return reader
}

/** What a ledger shows of the state. */
function shown(replay: LogReplay): unknown {
  const { book, index } = replay
  const places = Array.from({ length: book.sequence + 2 }, (_, sequence) => index.place(sequence))
  const skus = ['sku-a', 'sku-b', 'sku-ü✓', 'none']
  const records = skus.map((sku) => [
    plain(book.state('store-1', sku)),
    book.history('store-1', sku, Infinity, 1000),
    book.history('store-1', sku, 20, 3)
  ])
  const { sequence, oldestSequence, recordCount, answers } = book
  const { position, skipped, tornFrames, voidUnits } = replay
  return {
    ...{ sequence, oldestSequence, recordCount, records, places, skipped, tornFrames, voidUnits },
    ended: book.ended.capture(),
    due: book.due(Infinity, 100),
    open: book.reservations({ storeId: 'store-1', status: 'open', limit: 100 }, 0),
    ...{ keys: answers.size, logTime: answers.logTime, mark: position.mark },
    list: book
      .list({ storeId: 'store-1', limit: 100 }, 0)
      .records.map((record) => plain(record as RecordState))
  }
}

/** The log with something done to it behind a place, so that a reader may find damage or void units. */
function spoiled(log: readonly LogSegment[], reader: LogReader, choice: number): LogSegment[] {
  const random = seededRandom(choice)
  const { segment, offset, mark } = reader.replay.position
  const place = log.findIndex(({ first }) => first === segment)
  const bytes = log[place]!.bytes
  const lines = [...new LineScan(bytes.subarray(offset), offset)]
  const frames = lines.flatMap((line) => (line.kind === 'frame' ? [line] : []))
  const some = frames[below(Math.max(1, frames.length), random)]
  const earlier = [...new LineScan(bytes.subarray(0, offset), 0)].flatMap((line) =>
    line.kind === 'frame' ? [parseFrame(line.body)] : []
  )
  const old = earlier[below(Math.max(1, earlier.length), random)]
  const put = (frame: Frame): Buffer =>
    Buffer.concat([bytes.subarray(0, offset), encoded(frame), bytes.subarray(offset)])
  const unit = (more: object): Frame => ({ id: 'new-1', at: 1200, events: [], ...more })
  const marked = old?.durable ?? mark
  const variants: (() => Buffer)[] = [
    () => bytes,
    () =>
      some === undefined
        ? bytes
        : Buffer.concat([bytes.subarray(0, some.start - 1), bytes.subarray(some.end)]),
    () => Buffer.concat([bytes.subarray(0, offset), Buffer.from('\nrotten\n'), bytes.subarray(offset)]),
    () => put(old ?? unit({})),
    () => put(unit({ id: 'new-2' })),
    () => put(unit({ durable: marked })),
    () => put(unit({ durable: [marked[0], marked[1], marked[2] ^ 1] })),
    () => put(unit({ durable: [marked[0], marked[1] + 1, marked[2]] })),
    () => put(unit({ decidedOn: [['store-1', 'sku-a', `w1-${below(9, random)}`]] })),
    () => put(unit({ decidedOn: [['store-1', 'sku-a', 'nobody-3']] })),
    () =>
      put(
        unit({
          decidedOnKeys: [[`anonymous u${below(30, random)}`, `w${below(5, random)}-${below(9, random)}`]]
        })
      ),
    () =>
      put(
        unit({
          answers: [{ key: `anonymous u${below(60, random)}`, fingerprint: 'f', until: 9999, lines: [] }]
        })
      ),
    () => put({ id: 'new-1', at: 1, retained: 1 + below(20, random) })
  ]
  const changed = [...log]
  changed[place] = { first: segment, bytes: variants[choice % variants.length]!() }
  return changed
}

t.test('a snapshot and what follows it come to the same as the whole log', async (t) => {
  const seen = { voidUnits: 0, tornFrames: 0, damage: 0, keys: 0, segments: 0, retained: 0 }
  const property = fc.property(steps, ({ seed, cut, later }) => {
    const log = randomLog(seed, 30)
    const whole = readUntil(log, cut)
    const blocks = snapshotOf(whole.replay)
    const again = restored(blocks)
    assert.deepEqual(snapshotOf(again), blocks, 'the snapshot of a snapshot is the same')
    if (whole.replay.position.segment === log.at(-1)!.first) seen.segments += 1
    for (const choice of later) {
      const end = spoiled(log, whole, choice)
      const full = new LogReader(end)
      const resumed = new LogReader(end, restored(blocks))
      const outcome = outcomeOf(resumed, end)
      assert.deepEqual(outcome, outcomeOf(full, end).slice(whole.verdicts.length), `variant ${choice}`)
      if (outcome.at(-1)?.startsWith('damage') === true) seen.damage += 1
      else {
        assert.deepEqual(shown(resumed.replay), shown(full.replay))
        assert.deepEqual(snapshotOf(resumed.replay), snapshotOf(full.replay))
      }
      seen.voidUnits += resumed.replay.voidUnits
      seen.tornFrames += resumed.replay.tornFrames
      seen.keys += resumed.replay.book.answers.size
      if (resumed.replay.book.oldestSequence > 1) seen.retained += 1
    }
  })
  holds(t, 'whatever the log and wherever the snapshot', property, 150)
  t.comment(seen)
  for (const [what, count] of Object.entries(seen)) t.ok(count > 20, `${what} were met`)
})
