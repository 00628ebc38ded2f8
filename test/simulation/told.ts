import type { Reply } from './messages.ts'
import { linesOf, type Asked } from './asked.ts'

/** What the answer says of one line. */
export type Told =
  | {
      readonly isApplied: true
      readonly version: number
      readonly qty?: number
      readonly reserved?: number
      readonly reservationId?: string
    }
  | {
      readonly isApplied: false
      /** The error's `code` or `errorType`; undefined for the lines of a unit that another one has spoiled. */
      readonly why?: string
      readonly details?: Readonly<Record<string, unknown>>
      /** The record as it was then. */
      readonly current?: { readonly version: number; readonly qty: number }
    }

interface Result {
  readonly applied?: boolean
  readonly success?: boolean
  readonly newQuantity?: number
  readonly newVersion?: number
  readonly record?: { readonly reserved: number }
  readonly reservation?: { readonly id: string }
  readonly error?: Failure
  readonly errorType?: string
}

interface Failure {
  readonly code: string
  readonly details?: Readonly<Record<string, unknown>>
}

type Body = Result & { readonly results?: readonly Result[] }

/** Success and the refusals that a key remembers; all else is no answer to rely on. */
export function isFinal({ status }: Pick<Reply, 'status'>): boolean {
  return [200, 404, 409, 422].includes(status)
}

/** What became of each line. REQUIRES: the reply is final. */
export function toldOf(asked: Asked, { status, body }: Reply): readonly Told[] {
  const parsed = JSON.parse(body) as Body
  const lines = linesOf(asked)
  if (status === 200) {
    const results = parsed.results ?? [parsed]
    if (results.length !== lines.length) throw new Error(`${lines.length} lines were answered ${body}`)
    return results.map(toldOfResult)
  }
  if (lines.length > 1 || asked.form === 'movements' || asked.form === 'updates') {
    return lines.map(() => ({ isApplied: false }))
  }
  return [toldOfResult({ ...parsed, applied: false })]
}

function toldOfResult(result: Result): Told {
  const { newVersion: version, newQuantity: qty, record, reservation, error, errorType } = result
  if (result.applied ?? result.success ?? false) {
    return {
      isApplied: true,
      version: version ?? 0,
      ...(qty !== undefined && { qty }),
      ...(record && { reserved: record.reserved }),
      ...(reservation && { reservationId: reservation.id })
    }
  }
  const why = error?.code ?? errorType
  return {
    isApplied: false,
    ...(why !== undefined && { why }),
    ...(error?.details && { details: error.details }),
    ...(version !== undefined && qty !== undefined && { current: { version, qty } })
  }
}
