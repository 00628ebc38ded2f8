import t from 'tap'
import { SequenceWaiters } from '../../adapters/sequence-waiters.ts'

t.test('each is woken when its sequence is reached, not before', async (t) => {
  const waiters = new SequenceWaiters()
  const woken: number[] = []
  const sequences = Array.from({ length: 5000 }, (_, index) => 1 + ((index * 7919) % 5000))
  const waits = sequences.map(async (sequence) => {
    await waiters.wait(sequence)
    woken.push(sequence)
  })
  t.equal(waiters.count, 5000)
  for (let reached = 500; reached <= 5000; reached += 500) {
    waiters.advance(reached)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(woken.length, reached)
    t.equal(Math.max(...woken), reached)
    t.equal(waiters.count, 5000 - reached)
  }
  await Promise.all(waits)
})

t.test('who leaves is forgotten, and nobody else', async (t) => {
  const waiters = new SequenceWaiters()
  const leaving = new AbortController()
  const left = [3, 3, 5].map((sequence) => t.rejects(waiters.wait(sequence, leaving.signal)))
  const stays = waiters.wait(3)
  leaving.abort()
  await Promise.all(left)
  t.equal(waiters.count, 1)
  waiters.advance(3)
  await stays
  t.equal(waiters.count, 0)
  waiters.advance(5)
})

t.test('closing rejects all who wait', async (t) => {
  const waiters = new SequenceWaiters()
  const waits = [1, 2, 2, 1000].map((sequence) => t.rejects(waiters.wait(sequence), { code: 'closed' }))
  waiters.close()
  await Promise.all(waits)
  t.equal(waiters.count, 0)
})
