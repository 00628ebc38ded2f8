import { nameOf, type Target } from './asked.ts'
import type { FeedAccount } from './feed-account.ts'
import type { ClockRange } from './messages.ts'
import type { Version } from './record-history.ts'

/** From the question to its answer. */
export interface Span {
  /** What each record had come to, as far as somebody had been told, when the question was first put. */
  readonly floors: ReadonlyMap<string, number>
  /** The step at which it was answered. */
  readonly answeredAt: number
  /** The clocks of the servers that were asked, over that time, in milliseconds since the epoch. */
  readonly clocks: ClockRange
}

export interface Stock {
  readonly qty: number
  readonly reserved: number
}

/** What somebody was told of a record, that must have been so at one moment between the question and the answer. */
export interface Sight {
  readonly target: Target
  readonly span: Span
  /** For people. */
  readonly what: string
  /** Whether it can have been so while the record had this version, shown with this stock. */
  readonly fits: (version: Version, stock: Stock) => boolean
}

/** What is wrong with a sight; undefined where nothing is. REQUIRES: all events that came before it are known. */
export function faultOf({ target, span, what, fits }: Sight, feed: FeedAccount): string | undefined {
  const { floors, answeredAt, clocks } = span
  const floor = floors.get(nameOf(target)) ?? 0
  const versions = feed.record(target).within(floor, answeredAt)
  const isSo = versions.some((version) => shownStocks(version, clocks).some((stock) => fits(version, stock)))
  if (isSo) return undefined
  const shown = versions.map(
    (version) => `${version.version}: ${JSON.stringify(shownStocks(version, clocks))}`
  )
  return `${nameOf(target)}: ${what}, which it never was from version ${floor} on; it was ${shown.join(', ')}`
}

/** What a server may show of a version: what has ended by its clock counts as free, though no event says so yet. */
function shownStocks({ qty, reserved, held }: Version, { earliest, latest }: ClockRange): Stock[] {
  const ends = held.map(({ expiresAt }) => expiresAt).filter((end) => end > earliest && end <= latest)
  return [earliest, ...ends].map((at) => {
    const free = held.reduce((sum, { units, expiresAt }) => sum + (expiresAt <= at ? units : 0), 0)
    return { qty: qty + free, reserved: reserved - free }
  })
}
