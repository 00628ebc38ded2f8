import fc from 'fast-check'
import t from 'tap'
import { RequestLog } from '../../../plugins/rate-limit/request-log.ts'
import { SlidingWindowLimiter } from '../../../plugins/rate-limit/sliding-window.ts'
import { holds } from '../../domain/property.ts'

const client = '192.0.2.1'
const other = '192.0.2.2'
const windowMs = 60_000

function limiterOf(type: 'ip' | 'global' | 'both', limit: number): SlidingWindowLimiter {
  return new SlidingWindowLimiter({ type, limit, windowMs })
}

/** How many of so many requests at once are allowed. */
function allowedOf(limiter: SlidingWindowLimiter, requests: number, now: number, from = client): number {
  let allowed = 0
  for (let request = 0; request < requests; request++) if (limiter.take(from, now).allowed) allowed++
  return allowed
}

t.test('the limit in a window, and what left it comes back', async (t) => {
  const limiter = limiterOf('ip', 3)
  t.strictSame(limiter.take(client, 0), { allowed: true, limit: 3, remaining: 2, resetMs: 60_000 })
  t.strictSame(limiter.take(client, 10_000), { allowed: true, limit: 3, remaining: 1, resetMs: 50_000 })
  t.strictSame(limiter.take(client, 20_000), { allowed: true, limit: 3, remaining: 0, resetMs: 40_000 })
  t.strictSame(limiter.take(client, 59_999), { allowed: false, limit: 3, remaining: 0, resetMs: 1 })
  t.strictSame(limiter.take(client, 60_000), { allowed: true, limit: 3, remaining: 0, resetMs: 10_000 })
  t.strictSame(limiter.take(client, 60_000), { allowed: false, limit: 3, remaining: 0, resetMs: 10_000 })
  t.match(limiter.take(other, 60_000), { allowed: true, remaining: 2 }, 'each address has its own')
})

t.test('a burst at the edge of a window gets no second one', async (t) => {
  for (const limit of [100, 1000]) {
    const limiter = limiterOf('ip', limit)
    t.equal(allowedOf(limiter, 2 * limit, 59_999), limit)
    t.equal(allowedOf(limiter, 2 * limit, 60_001), 0, 'just behind the edge of a minute')
    t.equal(allowedOf(limiter, 2 * limit, 119_998), 0, 'nor as long as it counts')
    t.equal(allowedOf(limiter, 2 * limit, 119_999), limit)
  }
})

t.test('asking in vain makes nobody wait longer', async (t) => {
  const limiter = limiterOf('both', 2)
  t.equal(allowedOf(limiter, 2, 0), 2)
  for (let now = 1; now < windowMs; now += 7)
    if (limiter.take(client, now).allowed) t.fail(`allowed at ${now}`)
  t.equal(allowedOf(limiter, 3, windowMs), 2)
})

t.test('global: one limit for all addresses', async (t) => {
  const limiter = limiterOf('global', 3)
  t.equal(allowedOf(limiter, 2, 0, client), 2)
  t.equal(allowedOf(limiter, 2, 1, other), 1)
  t.match(limiter.take('192.0.2.3', 2), { allowed: false, remaining: 0 })
  t.strictSame(limiter.clients(2), [{ clientId: 'global', requestCount: 3, oldestAt: 0, isBlocked: true }])
})

t.test('both: whichever is reached first', async (t) => {
  const limiter = limiterOf('both', 3)
  t.match(limiter.take(client, 0), { allowed: true, remaining: 2 })
  t.match(limiter.take(other, 1), { allowed: true, remaining: 1 }, 'the fuller one of the two is told of')
  t.match(limiter.take(other, 2), { allowed: true, remaining: 0 })
  t.strictSame(limiter.take(client, 3), { allowed: false, limit: 3, remaining: 0, resetMs: windowMs - 3 })
  t.strictSame(
    limiter.clients(3),
    [
      { clientId: 'global', requestCount: 3, oldestAt: 0, isBlocked: true },
      { clientId: other, requestCount: 2, oldestAt: 1, isBlocked: false },
      { clientId: client, requestCount: 1, oldestAt: 0, isBlocked: false }
    ],
    'a request that one of them refuses counts in neither'
  )
  t.match(limiter.take(client, windowMs), { allowed: true, remaining: 0 }, 'as two of the other are left')
  t.strictSame(limiter.take(other, windowMs), { allowed: false, limit: 3, remaining: 0, resetMs: 1 })
})

t.test('where the own limit and that of all are reached, the later of the two says when', async (t) => {
  const limiter = limiterOf('both', 2)
  t.equal(limiter.take(other, 0).allowed, true)
  t.equal(limiter.take(client, 1000).allowed, true)
  t.match(limiter.take(client, 2000), { allowed: false, resetMs: windowMs - 2000 })
  t.equal(limiter.take(client, windowMs).allowed, true)
  t.match(limiter.take(client, windowMs), { allowed: false, resetMs: 1000 })
})

t.test('clients are those in their window, the busiest first', async (t) => {
  const limiter = limiterOf('ip', 2)
  limiter.take(client, 0)
  limiter.take(client, 30_000)
  limiter.take(other, 40_000)
  t.strictSame(limiter.clients(59_999), [
    { clientId: client, requestCount: 2, oldestAt: 0, isBlocked: true },
    { clientId: other, requestCount: 1, oldestAt: 40_000, isBlocked: false }
  ])
  t.match(limiter.clients(59_999, 1), [{ clientId: client }])
  t.match(limiter.clients(60_000), [{ requestCount: 1, oldestAt: 30_000, isBlocked: false }, {}])
  t.strictSame(limiter.clients(100_000), [])
})

/** Times between requests: bursts, a stream that reaches the limit, and pauses of up to a window. */
const wait = fc.oneof(
  { weight: 300, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1100 }) }
)
const waits = fc.array(wait, { minLength: 1, maxLength: 1500, size: 'max' })

/** What an exact log of all requests in the last `ms` would say. */
function countIn(allowed: readonly number[], ms: number, now: number): number {
  let count = 0
  for (let index = allowed.length - 1; index >= 0 && (allowed[index] ?? 0) > now - ms; index--) count++
  return count
}

t.test('limits of up to 128 are those of an exact log', async (t) => {
  let refused = 0
  holds(
    t,
    'as the log',
    fc.property(fc.integer({ min: 1, max: 128 }), waits, (limit, steps) => {
      const limiter = new SlidingWindowLimiter({ type: 'ip', limit, windowMs: 1000 })
      const allowed: number[] = []
      let now = 0
      for (const step of steps) {
        now += step
        const decision = limiter.take(client, now)
        if (!decision.allowed) refused++
        if (decision.allowed !== countIn(allowed, 1000, now) < limit) return false
        if (decision.allowed) allowed.push(now)
        if (decision.remaining !== limit - countIn(allowed, 1000, now)) return false
        // The oldest one that counts says when there is more, to the millisecond.
        const later = now + decision.resetMs
        const rest = countIn(allowed, 1000, now)
        if (countIn(allowed, 1000, later - 1) !== rest || countIn(allowed, 1000, later) >= rest) return false
      }
      return true
    }),
    100
  )
  t.ok(refused > 1000, `${refused} refusals were looked at`)
})

t.test(
  'above that no window sees more than the limit, and a request counts a 128th too long at most',
  async (t) => {
    let refused = 0
    holds(
      t,
      'within the error that is stated',
      fc.property(fc.integer({ min: 129, max: 400 }), waits, (limit, steps) => {
        const limiter = new SlidingWindowLimiter({ type: 'both', limit, windowMs: 1000 })
        const allowed: number[] = []
        let now = 0
        for (const step of steps) {
          now += step
          const { allowed: isAllowed, resetMs } = limiter.take(client, now)
          if (!isAllowed) {
            refused++
            if (countIn(allowed, 1000 + 1000 / 128, now) < limit) return false
            now += resetMs
            if (!limiter.take(client, now).allowed) return false
          }
          allowed.push(now)
          // Every window that ends with a request that was let in: no other can be fuller.
          if (countIn(allowed, 1000, now) > limit) return false
        }
        return true
      }),
      100
    )
    t.ok(refused > 1000, `${refused} refusals were looked at`)
  }
)

t.test('a client that asks for all of a large limit in even steps gets it but for a 129th', async (t) => {
  for (const limit of [129, 1000, 30_000]) {
    const limiter = limiterOf('ip', limit)
    let allowed = 0
    const windows = 20
    for (let request = 0; request < windows * limit; request++) {
      if (limiter.take(client, Math.floor((request * windowMs) / limit)).allowed) allowed++
    }
    t.ok(allowed >= (windows * limit * 128) / 129 - 1, `${allowed} of ${windows * limit}`)
  }
})

t.test('a log takes no more memory than 129 entries, whatever the limit', async (t) => {
  const log = new RequestLog()
  let most = 0
  for (let now = 0; now < 20_000; now++) {
    log.forget(now - 1000)
    log.add(now, 1000 / 128)
    most = Math.max(most, log.entryCount)
  }
  t.equal(log.count, 1000, 'each of them counts')
  t.ok(most <= 129, String(most))
})

t.test('a limit or a window that makes no sense is refused', async (t) => {
  t.throws(() => limiterOf('ip', 0), /limit must be a whole number of at least 1, not 0/)
  t.throws(() => new SlidingWindowLimiter({ type: 'ip', limit: 1, windowMs: 0.5 }), /windowMs must be/)
})
