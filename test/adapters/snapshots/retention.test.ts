// Which whole segments may go.
import t from 'tap'
import { firstKept } from '../../../adapters/wal/retention.ts'

const segments = [1, 101, 201, 301]
const bounds = { newest: 350, eventCount: 100, checkpoint: 350, coveredSegment: 301 }

t.test('the last segment before which all may go begins what stays', async (t) => {
  t.equal(firstKept(segments, bounds), 201, 'events 251 to 350 are kept, and with them their segment')
  t.equal(firstKept(segments, { ...bounds, eventCount: 50 }), 301)
  t.equal(firstKept(segments, { ...bounds, eventCount: 51 }), 201)
  t.equal(firstKept(segments, { ...bounds, eventCount: 1 }), 301, 'never the present one')
  t.equal(firstKept(segments, { ...bounds, eventCount: 250 }), 101)
  t.equal(firstKept(segments, { ...bounds, eventCount: 251 }), undefined)
  t.equal(firstKept(segments, { ...bounds, eventCount: Infinity }), undefined)
})

t.test('each bound holds alone', async (t) => {
  const few = { ...bounds, eventCount: 1 }
  t.equal(firstKept(segments, { ...few, checkpoint: 300 }), 301)
  t.equal(firstKept(segments, { ...few, checkpoint: 299 }), 201)
  t.equal(firstKept(segments, { ...few, checkpoint: 0 }), undefined)
  t.equal(firstKept(segments, { ...few, coveredSegment: 201 }), 201)
  t.equal(firstKept(segments, { ...few, coveredSegment: 1 }), undefined)
  t.equal(firstKept(segments, { ...few, coveredSegment: 0 }), undefined, 'without a snapshot nothing goes')
  t.equal(firstKept([1], few), undefined)
})
