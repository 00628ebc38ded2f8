import { LedgerError } from '../../domain/ledger.ts'

/** The log does not hold what was acknowledged. Nothing is guessed: the place is named and a person looks. */
export class DamageError extends LedgerError {
  readonly path: string
  readonly offset: number

  constructor(path: string, offset: number, what: string, options?: ErrorOptions) {
    super('damaged', `damage in ${path} at byte ${offset}: ${what}`, options)
    this.name = 'DamageError'
    this.path = path
    this.offset = offset
  }
}

/** The log has gone on without this process for so long that what it would have to read next is removed. */
export class LeftBehindError extends LedgerError {
  readonly path: string

  constructor(path: string) {
    super(
      'closed',
      `${path} was removed before this process came to read it: the ledger has to be opened again`
    )
    this.name = 'LeftBehindError'
    this.path = path
  }
}
