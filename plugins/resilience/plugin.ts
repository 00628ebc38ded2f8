import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'

/** What can be seen of a circuit breaker. */
export interface BreakerView {
  readonly name: string
  readonly state: 'closed' | 'open' | 'half-open'
  /** Failures among the calls that count now. */
  readonly failures: number
  /** The share of failures past which it opens. */
  readonly threshold: number
  /** How often it has opened since the start. */
  readonly openings: number
  /** Milliseconds until a call may be tried; 0 where one may be tried now. */
  readonly retryAfterMs: number
  onChange(listener: (state: BreakerView['state']) => void): void
}

/** What can be seen of a bulkhead. */
export interface BulkheadView {
  readonly name: string
  readonly limit: number
  readonly queueMax: number
  readonly active: number
  readonly queued: number
  /** Calls turned away since the start. */
  readonly refused: number
}

/** What keeps faults and overload in one place, for all who watch over the service. */
export interface Resilience {
  readonly breakers: ReadonlyMap<string, BreakerView>
  readonly bulkheads: ReadonlyMap<string, BulkheadView>
  /** The critical breakers that are not closed: the service takes no writes. */
  readonly criticalBreakersOpen: readonly string[]
  /** Makes a breaker visible; without a critical one the service is not ready. */
  addBreaker(breaker: BreakerView, isCritical?: boolean): void
  addBulkhead(bulkhead: BulkheadView): void
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly resilience: Resilience
  }
}

/** Decorates `fastify.resilience`: breakers and bulkheads are made where they guard something, and are seen here. */
async function resilience(fastify: FastifyInstance): Promise<void> {
  const breakers = new Map<string, BreakerView>()
  const bulkheads = new Map<string, BulkheadView>()
  const critical: BreakerView[] = []
  const watch = (breaker: BreakerView): void => {
    breaker.onChange((state) => {
      const facts = { breaker: breaker.name, state, failures: breaker.failures }
      if (state === 'open') fastify.log.error(facts, 'a circuit breaker has opened')
      else fastify.log.info(facts, 'a circuit breaker has changed')
    })
  }
  fastify.decorate('resilience', {
    breakers,
    bulkheads,
    get criticalBreakersOpen() {
      return critical.filter(({ state }) => state !== 'closed').map(({ name }) => name)
    },
    addBreaker: (breaker, isCritical = false) => {
      breakers.set(breaker.name, breaker)
      if (isCritical) critical.push(breaker)
      watch(breaker)
    },
    addBulkhead: (bulkhead) => void bulkheads.set(bulkhead.name, bulkhead)
  })
}

export default fp(resilience, { name: 'bincard-resilience', fastify: '5.x' })
