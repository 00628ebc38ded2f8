/** What is known of a row from an earlier run. */
export type RowState =
  | { readonly is: 'unsent' }
  /** It was about to be sent, and no answer was noted. */
  | { readonly is: 'in doubt' }
  | { readonly is: 'applied' }
  | { readonly is: 'refused'; readonly code: string }

const UNSENT: RowState = { is: 'unsent' }
const IN_DOUBT: RowState = { is: 'in doubt' }
const APPLIED: RowState = { is: 'applied' }
const FIRST_CODE = 3

/** The states of many rows, one byte for each. */
export class RowStates {
  readonly #codes: string[] = []
  #bytes = new Uint8Array(4096)

  get(row: number): RowState {
    const byte = this.#bytes[row] ?? 0
    if (byte === 0) return UNSENT
    if (byte === 1) return IN_DOUBT
    if (byte === 2) return APPLIED
    return { is: 'refused', code: this.#codes[byte - FIRST_CODE] ?? '' }
  }

  setInDoubt(row: number): void {
    this.#set(row, 1)
  }

  setApplied(row: number): void {
    this.#set(row, 2)
  }

  setRefused(row: number, code: string): void {
    let index = this.#codes.indexOf(code)
    if (index === -1) index = this.#codes.push(code) - 1
    if (index > 255 - FIRST_CODE) throw new RangeError('more codes of refusal than a journal can hold')
    this.#set(row, FIRST_CODE + index)
  }

  #set(row: number, byte: number): void {
    if (row >= this.#bytes.length) {
      const larger = new Uint8Array(Math.max(row + 1, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[row] = byte
  }
}
