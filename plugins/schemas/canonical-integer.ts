const canonicalInteger = /^(?:0|-?[1-9][0-9]{0,15})$/

/**
 * The number that `text` writes in its one canonical form, else `text` itself: `5` becomes 5, while `05`, `5.0`,
 * `1e2`, `0x10`, ` 5` and whatever is no safe integer stay text, for a strict schema to refuse.
 */
export function canonicalIntegerOr(text: unknown): unknown {
  if (typeof text !== 'string' || !canonicalInteger.test(text)) return text
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}
