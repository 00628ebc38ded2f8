import t from 'tap'
import { SlidingWindowLimiter } from '../../../plugins/rate-limit/sliding-window.ts'
import { steadyClock } from '../../../plugins/rate-limit/steady-clock.ts'
import { TokenBucketLimiter } from '../../../plugins/rate-limit/token-bucket.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 2)

t.test('time passes as the clock says, in whole milliseconds', async (t) => {
  const clock = { now: start }
  const now = steadyClock(() => clock.now)
  t.equal(now(), 0)
  clock.now += 0.6
  t.equal(now(), 0)
  clock.now += 0.6
  t.equal(now(), 1)
  clock.now += hour
  t.equal(now(), hour + 1)
})

t.test('a clock that is set back stands still for that moment and goes on from there', async (t) => {
  const clock = { now: start }
  const now = steadyClock(() => clock.now)
  now()
  clock.now += 100
  t.equal(now(), 100)
  clock.now -= hour
  t.equal(now(), 100)
  clock.now += 5
  t.equal(now(), 105, 'and not after the hour only')
})

t.test('jumps of the clock in both directions keep nobody out for long', async (t) => {
  for (const limiterOf of [
    () => new SlidingWindowLimiter({ type: 'both', limit: 3, windowMs: 60_000 }),
    () => new TokenBucketLimiter({ requestsPerSecond: 1, burst: 3 })
  ]) {
    for (const jump of [-20 * 365 * 24 * hour, -hour, -1, 1, hour, 20 * 365 * 24 * hour]) {
      const clock = { now: start }
      const now = steadyClock(() => clock.now)
      const limiter = limiterOf()
      const take = () => limiter.take('192.0.2.1', now())
      while (take().allowed);
      clock.now += jump
      const { allowed, resetMs } = take()
      t.equal(allowed, jump >= hour, `${limiter.rule}: after a jump of ${jump}`)
      t.ok(resetMs <= 60_000, `${limiter.rule}: ${resetMs} ms`)
      clock.now += resetMs
      t.ok(take().allowed, `${limiter.rule}: and then it is let in`)
    }
  }
})
