import type { MovementsResult } from '../../plugins/schemas/movements.ts'
import type { ReservationResult, StockResult } from '../../plugins/schemas/stock.ts'
import type { PlannedLine, PlannedRequest } from './requests.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly etag: string | null
  readonly replayed: boolean
}

/** One change that the service said it made. */
export interface AcknowledgedChange extends PlannedLine {
  readonly storeId: string
  readonly sku: string
  readonly version: number
  readonly qty: number
  /** The reservation that the change made. */
  readonly reservationId?: string
}

/** Success and the refusals that a key remembers; all else is no answer to rely on. */
export function isFinal({ status }: Answer): boolean {
  return [200, 404, 409, 422].includes(status)
}

/** The changes that the answer acknowledges, none for a refusal. */
export function acknowledgedChanges({ path, lines }: PlannedRequest, answer: Answer): AcknowledgedChange[] {
  if (answer.status !== 200) return []
  const body: unknown = JSON.parse(answer.body)
  const results = path.endsWith('/movements') ? (body as MovementsResult).results : [resultOf(body)]
  return lines.flatMap((line, index) => {
    const result = results[index]
    if (result === undefined) throw new Error(`the answer has no result for line ${index}: ${answer.body}`)
    if (!result.applied) return []
    const { storeId, sku } = line.movement
    const change = { ...line, storeId, sku, version: result.newVersion, qty: result.newQuantity }
    return [result.reservation === undefined ? change : { ...change, reservationId: result.reservation.id }]
  })
}

function resultOf(body: unknown): {
  applied: boolean
  newVersion: number
  newQuantity: number
  reservation?: { id: string }
} {
  const { newVersion, newQuantity, ...result } = body as StockResult | ReservationResult
  const outcome = { applied: true, newVersion, newQuantity }
  return 'reservation' in result ? { ...outcome, reservation: result.reservation } : outcome
}
