import { StockBook } from '../../domain/book.ts'
import type { Adjust, Command, Commit, Expire, Extend, Release, Reserve } from '../../domain/commands.ts'
import { Draft, type Proposal } from '../../domain/draft.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { judge, type Verdict } from '../../domain/position.ts'
import type { IdempotencyIdentity, Line, LineResult, Unit } from '../../domain/unit.ts'

export const storeId = 'store-1'
export const ttlMs = 1000

type Extra<C extends Command> = Partial<Pick<C, 'precondition' | 'reason' | 'reference'>>

export const adjust = (sku: string, delta: number, more: Extra<Adjust> = {}): Adjust => ({
  type: 'adjust',
  storeId,
  sku,
  delta,
  ...more
})
export const reserve = (sku: string, qty: number, reservationId: string, expiresAt?: number): Reserve =>
  expiresAt === undefined
    ? { type: 'reserve', storeId, sku, qty, reservationId }
    : { type: 'reserve', storeId, sku, qty, reservationId, expiresAt }
export const release = (sku: string, reservationId: string): Release => ({
  type: 'release',
  storeId,
  sku,
  reservationId
})
export const commit = (sku: string, reservationId: string): Commit => ({
  ...release(sku, reservationId),
  type: 'commit'
})
export const extend = (sku: string, reservationId: string, expiresAt: number): Extend => ({
  type: 'extend',
  storeId,
  sku,
  reservationId,
  expiresAt
})
/** Writes down what has expired, as the sweep does. */
export const expire = (sku: string, countMax = 100): Expire => ({ type: 'expire', storeId, sku, countMax })

/** The key `name` of an anonymous caller, given at `at` and kept for `ttlMs`. */
export const key = (name: string, fingerprint = 'f', at = 100): IdempotencyIdentity => ({
  key: `anonymous ${name}`,
  fingerprint,
  until: at + ttlMs
})

export const line = (command: Command, identity?: IdempotencyIdentity): Line =>
  identity === undefined ? { command } : { command, identity }

interface UnitExtra {
  readonly at?: number
  readonly identity?: IdempotencyIdentity
  readonly actor?: string
}

const unit = (atomic: boolean, lines: readonly (Command | Line)[], extra: UnitExtra): Unit => ({
  at: 100,
  atomic,
  lines: lines.map((one) => ('command' in one ? one : { command: one })),
  ...extra
})
export const atomic = (lines: readonly (Command | Line)[], extra: UnitExtra = {}): Unit =>
  unit(true, lines, extra)
export const separate = (lines: readonly (Command | Line)[], extra: UnitExtra = {}): Unit =>
  unit(false, lines, extra)

/** A book with this stock, each record written by the unit `s-<sku>` at the instant 1. */
export function stocked(stock: Readonly<Record<string, number>>): StockBook {
  const book = new StockBook()
  for (const [sku, qty] of Object.entries(stock)) {
    write(book, separate([adjust(sku, qty)], { at: 1 }), `s-${sku}`)
  }
  return book
}

/** The unit as it comes back from a log of text lines. */
export function reread(logged: LoggedUnit): LoggedUnit {
  return JSON.parse(JSON.stringify(logged)) as LoggedUnit
}

/** Decides the unit on the book alone and lets it take effect as a reader of the log would. */
export function write(book: StockBook, asked: Unit, unitId: string): Proposal {
  const proposal = new Draft(book).propose(asked, unitId)
  if (proposal.logged !== undefined) {
    const { valid } = readNext(book, proposal.logged)
    if (!valid) throw new Error(`unit ${unitId} is void on the book it was decided on`)
  }
  return proposal
}

/** Judges the next unit of the log and applies it where it is valid. */
export function readNext(book: StockBook, logged: LoggedUnit): Verdict {
  const unitRead = reread(logged)
  const verdict = judge(unitRead, book)
  if (verdict.valid) book.apply(unitRead)
  return verdict
}

/** An outcome in short: quantity and version of each applied line, the code of each refused one. */
export function inShort({ outcome }: Proposal): unknown {
  if (outcome.kind === 'key_conflict') return `conflict ${outcome.key}`
  const { results, refusedLine } = outcome.answer
  const lines = results.map(lineInShort)
  const shown = refusedLine === undefined ? lines : { refusedLine, lines }
  return outcome.replayed ? { replayed: shown } : shown
}

function lineInShort(result: LineResult): string {
  const told = result.applied ? `${result.record.qty} v${result.record.version}` : result.refusal.code
  return result.replayed === true ? `again ${told}` : told
}
