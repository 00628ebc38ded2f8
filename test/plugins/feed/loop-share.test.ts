import t from 'tap'
import { LoopShare, type Job } from '../../../plugins/feed/loop-share.ts'
import { ManualTime } from './manual-time.ts'

function begin(isContended = false) {
  const time = new ManualTime()
  const state = { isContended }
  const share = new LoopShare({ time, isContended: () => state.isContended })
  const done: string[] = []
  const job = (name: string, costMs = 0): Job => ({
    run: () => {
      time.spend(costMs)
      done.push(name)
    }
  })
  return { time, state, share, done, job }
}

t.test('a job runs at once where nobody waits, and jobs run in their order', async (t) => {
  const { time, share, done, job } = begin()
  share.add(job('a'))
  t.strictSame(done, ['a'])
  share.add(job('b'))
  share.addAll([job('c'), job('d')])
  time.advance(0)
  t.strictSame(done, ['a', 'b', 'c', 'd'])
})

t.test('a job that was removed does not run', async (t) => {
  const { time, share, done, job } = begin()
  const [a, b, c] = [job('a'), job('b'), job('c')]
  share.add({
    run: () => {
      share.addAll([a, b, c])
      share.remove(b)
    }
  })
  time.advance(0)
  t.strictSame(done, ['a', 'c'])
})

t.test('other work has its turn after a millisecond, or after so many jobs', async (t) => {
  const { time, share, done, job } = begin()
  share.addAll(Array.from({ length: 20 }, (_, index) => job(String(index), 0.3)))
  t.equal(done.length, 4, 'begun within the millisecond')
  time.settle()
  t.equal(time.timers, 1, 'the rest comes later')
  time.advance(0)
  t.equal(done.length, 20, 'but without a wait')

  share.addAll(Array.from({ length: 100 }, (_, index) => job(String(index))))
  t.equal(done.length, 20 + 32)
})

t.test('while there is much other work, it takes an eighth of the time at most', async (t) => {
  const { time, share, done, job } = begin(true)
  const costMs = 0.05
  share.addAll(Array.from({ length: 100_000 }, (_, index) => job(String(index), costMs)))
  time.advance(1000)
  // What a job does is half of what it costs: the request that follows costs the other half.
  const used = done.length * costMs * 2
  t.ok(used > 115 && used < 150, `${used} of 1000 ms, 10 of them saved up before`)
})

t.test('work that was done elsewhere for the jobs counts', async (t) => {
  const { time, share, done, job } = begin(true)
  share.charge(110)
  share.add(job('a'))
  time.advance(790)
  t.same(done, [])
  time.advance(20)
  t.strictSame(done, ['a'])
})

t.test('it takes all the time again when the other work is over', async (t) => {
  const { time, state, share, done, job } = begin(true)
  share.addAll(Array.from({ length: 1000 }, (_, index) => job(String(index), 0.1)))
  time.advance(30)
  t.ok(done.length < 200)
  state.isContended = false
  time.advance(150)
  t.equal(done.length, 1000)
})

t.test('finish runs all that wait', async (t) => {
  const { time, share, done, job } = begin(true)
  share.addAll(Array.from({ length: 1000 }, (_, index) => job(String(index), 1)))
  share.finish()
  t.equal(done.length, 1000)
  time.advance(10_000)
  t.equal(done.length, 1000, 'once')
})
