/** A text without escapes, which therefore is what stands between its quotes. */
const plain = '[^"\\\\]*'
const amount = '-?\\d+'
const natural = '\\d+'

/** What of the body of a frame can be cut out; some of these parts hold others. */
export type LonePart =
  | 'id'
  | 'at'
  | 'actor'
  | 'storeId'
  | 'sku'
  | 'base'
  | 'amounts'
  | 'delta'
  | 'qty'
  | 'reserved'
  | 'version'
  | 'notes'
  | 'reason'
  | 'reference'
  | 'askedBy'
  | 'key'
  | 'fingerprint'
  | 'until'
  | 'segment'
  | 'offset'
  | 'chain'

/**
 * The body of a frame as `JSON.stringify` writes it where it holds one adjustment, with the answer to its own key or
 * none. A frame that holds anything else, or texts with escapes, does not match. Most frames hold that, and parsing them
 * is much of what a start, a follower, and the processes beside a writer wait for: to take one apart by an expression
 * takes half the time of `JSON.parse`. Its groups are the parts named, in the order in which they begin in the body; the
 * fewer they are the less it takes.
 */
export function loneAdjustment(...cut: readonly LonePart[]): RegExp {
  const part = (name: LonePart, pattern: string): string =>
    cut.includes(name) ? `(${pattern})` : `(?:${pattern})`
  const text = (name: LonePart): string => `"${part(name, plain)}"`
  const number = (name: LonePart): string => `"${name}":${part(name, amount)}`
  const perhaps = (name: LonePart): string => `(?:,"${name}":${text(name)})?`
  const amounts = part('amounts', [number('delta'), number('qty'), number('reserved')].join(','))
  const notes = part('notes', perhaps('reason') + perhaps('reference'))
  const answer =
    `\\{"key":${text('key')},"fingerprint":${part('fingerprint', '"(?:[^"\\\\]|\\\\.)*"')}` +
    `,"until":${part('until', natural)},"lines":\\[0\\]\\}`
  const mark = (['segment', 'offset', 'chain'] as const).map((name) => part(name, natural)).join(',')
  return new RegExp(
    `^\\{"id":${text('id')},"at":${part('at', natural)}${perhaps('actor')}` +
      `,"events":\\[\\{"type":"adjusted","storeId":${text('storeId')},"sku":${text('sku')},"base":${text('base')}` +
      `,${amounts},${number('version')}${notes}${perhaps('askedBy')}\\}\\]` +
      `(?:,"answers":\\[${answer}\\])?(?:,"durable":\\[${mark}\\])?\\}$`
  )
}
