import t from 'tap'
import { SequenceChain } from '../../domain/sequence-chain.ts'

t.test('a chain longer than its chunks is walked back from any event', async (t) => {
  const chain = new SequenceChain()
  const count = 200_000
  const kept = 3
  const last = [0, 0, 0]
  for (let index = 0; index < count; index += 1) {
    const record = index % kept
    last[record] = chain.append(last[record] ?? 0)
  }
  t.equal(chain.last, count)
  for (const [record, newest] of last.entries()) {
    const walked = chain.walk(newest, Infinity, count)
    t.equal(walked.length, Math.ceil((count - record) / kept))
    t.ok(walked.every((sequence, index) => sequence === newest - index * kept))
    t.equal(walked.at(-1), record + 1)
  }
  t.strictSame(chain.walk(last[0] ?? 0, 131_073, 2), [131_071, 131_068])
  t.strictSame(chain.walk(0, Infinity, 5), [], 'a record without events has none')
})
