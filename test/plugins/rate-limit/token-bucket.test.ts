import fc from 'fast-check'
import t from 'tap'
import { TokenBucketLimiter } from '../../../plugins/rate-limit/token-bucket.ts'
import { holds } from '../../domain/property.ts'

const client = '192.0.2.1'

t.test('a burst at once, then as many as come', async (t) => {
  const bucket = new TokenBucketLimiter({ requestsPerSecond: 2, burst: 3 })
  t.strictSame(bucket.take(client, 0), { allowed: true, limit: 3, remaining: 2, resetMs: 500 })
  t.strictSame(bucket.take(client, 0), { allowed: true, limit: 3, remaining: 1, resetMs: 500 })
  t.strictSame(bucket.take(client, 0), { allowed: true, limit: 3, remaining: 0, resetMs: 500 })
  t.strictSame(bucket.take(client, 0), { allowed: false, limit: 3, remaining: 0, resetMs: 500 })
  t.strictSame(bucket.take(client, 499), { allowed: false, limit: 3, remaining: 0, resetMs: 1 })
  t.strictSame(bucket.take(client, 500), { allowed: true, limit: 3, remaining: 0, resetMs: 500 })
  t.match(bucket.take('192.0.2.2', 500), { allowed: true, remaining: 2 }, 'each address has its own')
  t.match(
    bucket.take(client, 1_000_000),
    { allowed: true, remaining: 2 },
    'and no more than the burst gathers'
  )
})

t.test('a rate that divides no second is kept to the millisecond', async (t) => {
  const bucket = new TokenBucketLimiter({ requestsPerSecond: 7, burst: 1 })
  let allowed = 0
  for (let now = 0; now < 60_000; now++) if (bucket.take(client, now).allowed) allowed++
  t.equal(allowed, 420, '7 in each of 60 seconds, 143 ms apart')
})

const scripts = fc.record({
  requestsPerSecond: fc.integer({ min: 1, max: 2000 }),
  burst: fc.integer({ min: 1, max: 50 }),
  waits: fc.array(
    fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 3000 })),
    {
      minLength: 1,
      maxLength: 300
    }
  )
})

t.test(
  'in no interval more than the burst and what came meanwhile, and nobody is refused below that',
  async (t) => {
    holds(
      t,
      'burst + rate × t',
      fc.property(scripts, ({ requestsPerSecond, burst, waits }) => {
        const bucket = new TokenBucketLimiter({ requestsPerSecond, burst })
        const allowed: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          const mayTake = (from: number, count: number) =>
            count * 1000 <= burst * 1000 + (now - from) * requestsPerSecond
          // The model: one more is allowed where no interval that ends now would see too many.
          const expected = allowed.every((from, index) => mayTake(from, allowed.length - index + 1))
          const decision = bucket.take(client, now)
          if (decision.allowed !== expected) return false
          if (decision.allowed) allowed.push(now)
          else {
            // Not a millisecond before it was said, and then at once; asking in vain changes nothing.
            now += decision.resetMs - 1
            if (decision.resetMs > 1 && bucket.take(client, now).allowed) return false
            now += 1
            if (!bucket.take(client, now).allowed) return false
            allowed.push(now)
          }
        }
        return true
      })
    )
  }
)

t.test('a rate or a burst that makes no sense is refused', async (t) => {
  for (const options of [
    { requestsPerSecond: 0, burst: 1 },
    { requestsPerSecond: 1.5, burst: 1 },
    { requestsPerSecond: 1, burst: 0 },
    { requestsPerSecond: 1, burst: Number.NaN }
  ]) {
    t.throws(() => new TokenBucketLimiter(options), /must be a whole number of at least 1, not/)
  }
})
