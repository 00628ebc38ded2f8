import { validationError, type ApiError } from '../../plugins/errors/api-error.ts'

/**
 * A cursor is opaque to callers: what the next page starts after, marked with the kind of list that it is of, so that
 * the cursor of one list is not taken for one of another.
 */
type Kind = 'sku' | 'reservation' | 'product' | 'sequence' | 'central' | 'dead-letter'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function printCursor(kind: Kind, position: string): string {
  return Buffer.from(`${kind}:${position}`).toString('base64url')
}

/** The position in a cursor that was printed for this kind of list. Throws a ValidationError for any other. */
export function parseCursor(kind: Kind, cursor: string): string {
  const text = decoded(cursor)
  if (text?.startsWith(`${kind}:`) && printCursor(kind, text.slice(kind.length + 1)) === cursor) {
    return text.slice(kind.length + 1)
  }
  throw foreignCursor()
}

/** 400: the cursor is none that this list ever gave. */
export function foreignCursor(): ApiError {
  const reason = 'must be the nextCursor of an earlier page of this list'
  return validationError(`The query is not valid: cursor ${reason}`, [
    { in: 'query', field: 'cursor', reason }
  ])
}

function decoded(cursor: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(cursor, 'base64url'))
  } catch {
    return undefined
  }
}
