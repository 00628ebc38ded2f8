import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Decision, Limiter } from './limiter.ts'

type Answer = Parameters<FastifyRateLimitStore['incr']>[1]

/** The limiter as a store of @fastify/rate-limit, which compares a count with the limit by itself. */
export function limiterStore(limiter: Limiter, now: () => number): FastifyRateLimitStoreCtor {
  return class LimiterStore implements FastifyRateLimitStore {
    incr(client: string, answer: Answer): void {
      const decision = limiter.take(client, now())
      if (!(decision instanceof Promise)) {
        answer(null, counted(decision))
        return
      }
      decision.then(
        (decided) => answer(null, counted(decided)),
        (error: unknown) => answer(error as Error)
      )
    }

    /** One limit for all the routes that it is used on. */
    child(): FastifyRateLimitStore {
      return this
    }
  }
}

function counted({ allowed, limit, remaining, resetMs }: Decision): { current: number; ttl: number } {
  return { current: allowed ? limit - remaining : limit + 1, ttl: resetMs }
}
