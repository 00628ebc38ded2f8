/** What the contract takes as a reference or a reason, in characters. */
export const TEXT_LIMIT = 512

const ID_LIMIT = 128

/** C0 and C1 control characters, and halves of surrogate pairs, which no UTF-8 text can hold. */
const UNFIT = /[\p{Cc}\p{Cs}]/u

/** Why this is no store id or SKU of the contract, or undefined: 1 to 128 characters, none a control character. */
export function idFault(id: string): string | undefined {
  if (id === '') return 'is empty'
  return textFault(id, ID_LIMIT)
}

/** Why this text cannot go with a movement, or undefined; characters are counted as code points. */
export function textFault(text: string, limit: number): string | undefined {
  if (UNFIT.test(text)) return 'has a control character'
  if (text.length > limit && [...text].length > limit) return `is longer than ${limit} characters`
  return undefined
}

/** Why this is no idempotency key of the contract, or undefined: 1 to 255 visible ASCII characters. */
export function keyFault(key: string): string | undefined {
  return /^[\x21-\x7e]{1,255}$/.test(key) ? undefined : 'is not 1 to 255 visible ASCII characters'
}
