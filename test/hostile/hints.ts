import fc, { type Arbitrary } from 'fast-check'
import { Recalled } from './recalled.ts'
import type { Hints } from './schema-values.ts'

/** Records that most requests speak of, so that they meet; the first of each is met most. */
export const storeIds = ['S1', 'S2', 'Straße 1/2'] as const
export const productIds = ['P1', 'P2', 'p1'] as const
export const skus = ['K1', 'k1', '..%2F..%2Fetc'] as const

// Written as two code points and as one, from right to left, as a prototype, as a number: they are texts like any other.
const oddIdentifiers = [
  'e\u0301',
  '\u00e9',
  '\u202eEMAN',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '%00',
  '%',
  '.',
  '..',
  '?a=b#c',
  ' padded ',
  '"',
  '\\',
  '\ufeff',
  '\u2028',
  '😀'.repeat(128)
]

function identifiers(first: string, ...others: readonly string[]): Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constant(first), weight: 12 },
    { arbitrary: fc.constantFrom(...others), weight: 6 },
    { arbitrary: fc.constantFrom(...oddIdentifiers), weight: 1 }
  )
}

function recalled(kind: Recalled['kind'], picks = 8): Arbitrary<Recalled> {
  return fc.nat({ max: picks - 1 }).map((pick) => new Recalled(kind, pick))
}

const keys = fc.oneof(
  { arbitrary: recalled('key', 1), weight: 3 },
  { arbitrary: fc.constantFrom('again', 'and-again', '~', 'x'.repeat(255)), weight: 1 }
)

/** What fields of requests are called, whatever operation they are of, and what is worth sending in them. */
export const hints: Hints = {
  storeId: { values: identifiers(...storeIds) },
  sku: { values: identifiers(...skus) },
  productId: { values: identifiers(...productIds) },
  // What is deleted can be asked for by few others.
  productIds: { values: fc.array(identifiers('P2', 'gone', '0'), { minLength: 1, maxLength: 3 }) },
  reservationId: { values: recalled('reservation') },
  expectedVersion: { values: recalled('version', 1) },
  version: { values: recalled('version', 1) },
  idempotencyKey: { values: keys },
  'Idempotency-Key': { values: keys },
  'If-Match': { values: fc.oneof(recalled('tag', 1), recalled('tag', 1), fc.constant('*')) },
  'If-None-Match': { values: fc.oneof(fc.constant('*'), recalled('tag', 1)) },
  cursor: { values: recalled('cursor') },
  offset: { values: recalled('offset', 1000) },
  // Some are over before the next request, most outlast the trial.
  ttlMs: { values: fc.constantFrom(1, 100, ...Array<number>(8).fill(900_000)) },
  // Nothing lands while one request is waited for.
  wait: { values: fc.constant(0), only: true }
}

/**
 * Statuses of the document that no request of a trial can get, by operation: its services are not limited, keep every
 * event and have no faults, so that nothing of theirs becomes a dead letter.
 */
export function isReachable(operationId: string, status: number): boolean {
  if (status === 200) return operationId !== 'retryDeadLetter' && operationId !== 'discardDeadLetter'
  return status !== 410 && status !== 429 && status < 500
}
