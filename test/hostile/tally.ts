import { isReachable } from './hints.ts'
import type { Operation } from './operations.ts'

/** How the request was: as the document wants it, changed, or not HTTP. */
export type RequestKind = 'valid' | 'mutated' | 'malformed'

const kinds: readonly RequestKind[] = ['valid', 'mutated', 'malformed']

/** Counts answers by operation, kind of request and status. */
export class Tally {
  readonly #counts = new Map<string, Map<number, number>>()
  #total = 0

  /** Answers counted. */
  get total(): number {
    return this.#total
  }

  add(operationId: string, kind: RequestKind, status: number): void {
    this.#total += 1
    const place = `${operationId} ${kind}`
    const statuses = this.#counts.get(place) ?? new Map<number, number>()
    this.#counts.set(place, statuses.set(status, (statuses.get(status) ?? 0) + 1))
  }

  /** The share of valid requests to the operation that were not refused. */
  acceptance(operationId: string): number {
    const counts = [...(this.#counts.get(`${operationId} valid`) ?? [])]
    const sent = counts.reduce((sum, [, count]) => sum + count, 0)
    const accepted = counts.reduce((sum, [status, count]) => (status < 400 ? sum + count : sum), 0)
    return sent === 0 ? 0 : accepted / sent
  }

  /** Whether the operation, or any if none is given, has given the status to any request. */
  has(status: number, operationId?: string): boolean {
    if (operationId === undefined) return [...this.#counts.values()].some((statuses) => statuses.has(status))
    return kinds.some((kind) => this.#counts.get(`${operationId} ${kind}`)?.has(status) === true)
  }

  /** Statuses that the document has and no request has got, as `operation status`, but those that none can get here. */
  missing(operations: readonly Operation[]): string[] {
    return operations.flatMap(({ operationId, statuses }) =>
      statuses
        .filter((status) => isReachable(operationId, status) && !this.has(status, operationId))
        .map((status) => `${operationId} ${status}`)
    )
  }

  /** One line for each operation and kind. */
  lines(): string {
    const places = [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1))
    return places.map(([place, statuses]) => `${place.padEnd(32)} ${countsText(statuses)}`).join('\n')
  }
}

function countsText(statuses: ReadonlyMap<number, number>): string {
  const counts = [...statuses].sort(([one], [other]) => one - other)
  return counts.map(([status, count]) => `${status}: ${count}`).join(', ')
}
