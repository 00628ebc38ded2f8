import type { Resilience } from '../resilience/plugin.ts'
import type { Reading, Read, WatchedFigure } from './watched-figures.ts'

type Watch = (figure: WatchedFigure, read: Read) => void
type Views = Pick<Resilience, 'breakers' | 'bulkheads'>

const stateNumbers = { closed: 0, 'half-open': 1, open: 2 } as const

/** What is seen of the circuit breakers and bulkheads of this process. */
export function watchResilience(watch: Watch, prefix: string, views: () => Views): void {
  watch(
    {
      name: `${prefix}breaker_state`,
      help: 'Circuit breakers: 0 closed, 1 half-open, 2 open',
      labelNames: ['breaker'],
      // Of several processes, the one that is worst off.
      aggregator: 'max'
    },
    () => [...views().breakers.values()].map(({ name, state }) => [{ breaker: name }, stateNumbers[state]])
  )
  const bulkhead = (name: string, help: string, field: 'active' | 'queued' | 'limit'): void =>
    watch({ name: `${prefix}bulkhead_${name}`, help, labelNames: ['bulkhead'] }, () =>
      [...views().bulkheads.values()].map((view): Reading => [{ bulkhead: view.name }, view[field]])
    )
  bulkhead('active', 'Calls that a bulkhead has let in', 'active')
  bulkhead('queued', 'Calls that wait at a bulkhead', 'queued')
  bulkhead('limit', 'Calls that a bulkhead lets in at once', 'limit')
}
