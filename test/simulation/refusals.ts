import type { AskedLine } from './asked.ts'
import type { Version } from './record-history.ts'
import type { Sight, Span, Stock } from './sights.ts'
import type { Told } from './told.ts'

type Refused = Extract<Told, { isApplied: false }>
type Fits = (version: Version, stock: Stock) => boolean

/** What must have been so of the record for the line to be refused as it was. */
export function refusalSights(line: AskedLine, refused: Refused, span: Span): Sight[] {
  const { current, why } = refused
  const sights: Sight[] = []
  const add = (text: string, fits: Fits): void => {
    sights.push({ target: line, span, what: `${JSON.stringify(line)} was refused, ${text}`, fits })
  }
  if (current !== undefined) {
    const { version, qty } = current
    add(`being ${JSON.stringify(current)}`, (there, stock) =>
      there.exists ? there.version === version && stock.qty === qty : qty === 0
    )
  }
  if (why !== undefined) add(`${why} ${JSON.stringify(refused.details)}`, reasonFor(line, refused, span))
  return sights
}

function reasonFor(line: AskedLine, { why, details, current }: Refused, { clocks }: Span): Fits {
  switch (why) {
    case 'CONFLICT_ERROR':
    case 'version_conflict': {
      const actual = details?.['actual'] ?? current?.version
      const isIt = (version: number): boolean => actual === undefined || version === actual
      return ({ version }) => isIt(version) && version !== line.expectedVersion
    }
    case 'already_exists':
      return ({ exists }) => exists
    case 'NOT_FOUND_ERROR':
    case 'not_found':
      if (!('reservationId' in line)) return ({ exists }) => !exists
      return ({ held }) =>
        !held.some(({ id, expiresAt }) => id === line.reservationId && expiresAt > clocks.latest)
    case 'INSUFFICIENT_STOCK_ERROR':
    case 'insufficient_stock':
      return tooLittle(line, details?.['available'])
    default:
      return () => false
  }
}

function tooLittle(line: AskedLine, available: unknown): Fits {
  const isIt = (units: number): boolean => available === undefined || units === available
  if (line.type === 'adjust') return (_version, { qty }) => isIt(qty) && qty + line.delta < 0
  if (line.type === 'reserve') return (_version, { qty }) => isIt(qty) && qty < line.units
  if (line.type === 'release' || line.type === 'commit') {
    const asked = line.units ?? 0
    return ({ held }) =>
      held.some(({ id, units }) => id === line.reservationId && isIt(units) && units < asked)
  }
  return () => false
}
