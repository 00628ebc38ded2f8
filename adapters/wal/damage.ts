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
