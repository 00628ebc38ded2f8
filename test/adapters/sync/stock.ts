import type { Ledger } from '../../../domain/ledger.ts'

/** Lets `delta` units come to a record; returns the sequence of the last event. */
export async function adjust(
  ledger: Ledger,
  storeId: string,
  sku: string,
  delta: number,
  at = 1
): Promise<number> {
  const outcome = await ledger.execute({
    at,
    atomic: false,
    lines: [{ command: { type: 'adjust', storeId, sku, delta } }]
  })
  if (outcome.kind !== 'answered' || outcome.answer.results[0]?.applied !== true) {
    throw new Error(`not applied: ${JSON.stringify(outcome)}`)
  }
  return ledger.health().sequence
}
