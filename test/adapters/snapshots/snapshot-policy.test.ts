// When a snapshot is due: often enough for a short replay, never so often that it is mostly snapshots that are written.
import t from 'tap'
import { SnapshotPolicy, type SnapshotSituation } from '../../../adapters/wal/snapshot/snapshot-policy.ts'

const every100 = new SnapshotPolicy(100)
const situation = (more: Partial<SnapshotSituation>): SnapshotSituation => ({
  sequence: 1000,
  snapshotSequence: 900,
  recordCount: 10,
  ...more
})

t.test('after so many events', async (t) => {
  t.equal(every100.isDue(situation({})), true)
  t.equal(every100.isDue(situation({ snapshotSequence: 901 })), false)
  t.equal(every100.isDue(situation({ sequence: 99, snapshotSequence: 0 })), false)
  t.equal(every100.isDue(situation({ sequence: 100, snapshotSequence: 0 })), true)
  t.equal(every100.isDue(situation({ sequence: 0, snapshotSequence: 0, recordCount: 0 })), false)
})

t.test('a million records are not rewritten every 100 events', async (t) => {
  const many = { recordCount: 1_000_000, snapshotSequence: 1_000_000 }
  t.equal(every100.isDue(situation({ ...many, sequence: 1_099_999 })), false)
  t.equal(every100.isDue(situation({ ...many, sequence: 1_100_000 })), true)
})

t.test('snapshots take at most a twentieth of the time', async (t) => {
  const last = { lastDurationMs: 1000 }
  t.equal(every100.isDue(situation({ ...last, sinceLastMs: 18_999 })), false)
  t.equal(every100.isDue(situation({ ...last, sinceLastMs: 19_000 })), true)
})

t.test('only whole numbers of events from 1', async (t) => {
  for (const wrong of [0, -1, 1.5, NaN, Infinity]) t.throws(() => new SnapshotPolicy(wrong), RangeError)
})
