import type { SequencedEvent } from '../../domain/unit.ts'
import type { LedgerWitness } from './ledger-witness.ts'

/** One change that an answer says was made. */
interface Claim {
  readonly storeId: string
  readonly sku: string
  readonly newVersion?: number
  readonly newQuantity?: number
  /** The change of the quantity that was asked for, where that was said. */
  readonly delta?: number
  /** Whether it may have been made by an earlier request, under a key that this one repeats. */
  readonly repeatable: boolean
}

interface Line {
  readonly delta?: number
  readonly idempotencyKey?: string
}

interface Result {
  readonly applied?: boolean
  readonly success?: boolean
  readonly storeId?: string
  readonly sku?: string
  readonly productId?: string
  readonly newVersion?: number
  readonly newQuantity?: number
  readonly record?: { readonly storeId: string; readonly sku: string }
}

/** What a success says it changed: itself, or each of its results beside the line of the request that asked for it. */
export function claimsOf(
  request: unknown,
  answer: unknown,
  replayed: boolean,
  centralStoreId: string
): Claim[] {
  const { results } = (answer ?? {}) as { results?: Result[] }
  const asked = (request ?? {}) as Line & Record<string, unknown>
  const lines = (Object.values(asked).find(Array.isArray) ?? []) as Line[]
  const pairs = results?.map((result, index) => [result, lines[index]] as const) ?? [
    [answer as Result, asked] as const
  ]
  return pairs.flatMap(([result, line]) => {
    const { applied, success, newVersion, newQuantity, productId, record } = result
    if ((applied ?? success) !== true || (newVersion === undefined && productId === undefined)) return []
    const { storeId, sku } =
      record ?? (productId === undefined ? result : { storeId: centralStoreId, sku: productId })
    const { delta, idempotencyKey } = line ?? {}
    return [
      {
        storeId: storeId ?? '',
        sku: sku ?? '',
        repeatable: replayed || idempotencyKey !== undefined,
        ...(newVersion !== undefined && { newVersion }),
        ...(newQuantity !== undefined && { newQuantity }),
        ...(typeof delta === 'number' && { delta })
      }
    ]
  })
}

/** Throws unless the events are what the claims say: each event claimed once, each claim an event, be it an old one. */
export function requireClaimed(
  events: readonly SequencedEvent[],
  claims: readonly Claim[],
  witness: LedgerWitness
): void {
  const open = new Set(claims)
  for (const { event } of events) {
    const own = (claim: Claim) => claim.storeId === event.storeId && claim.sku === event.sku
    // Time did that, and the witness has looked whether it was time.
    if (event.type === 'expired') continue
    const found = [...open].find(
      (claim) => own(claim) && (claim.newVersion ?? event.version) === event.version
    )
    if (found === undefined)
      throw new Error(`the answer does not speak of the event ${JSON.stringify(event)}`)
    open.delete(found)
    if (isClaimed(event, found)) continue
    throw new Error(`the event ${JSON.stringify(event)} is not what was claimed, ${JSON.stringify(found)}`)
  }
  for (const claim of open) {
    const { storeId, sku, newVersion = 0 } = claim
    const then = witness.record(storeId, sku)?.changes.get(newVersion)
    if (claim.repeatable && then !== undefined && isClaimed(then, claim)) continue
    throw new Error(`no event is what was claimed, ${JSON.stringify(claim)}`)
  }
}

function isClaimed({ qty, delta }: { readonly qty: number; readonly delta: number }, claim: Claim): boolean {
  return (claim.newQuantity ?? qty) === qty && (claim.delta ?? delta) === delta
}
