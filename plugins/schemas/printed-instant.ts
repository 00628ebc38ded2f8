// Most answers speak of the millisecond that the one before spoke of, and printing it costs more than any other line here.
let printedAt = 0
let printed = new Date(printedAt).toISOString()

/** An instant in milliseconds since the epoch as the contract writes it. */
export function instant(at: number): string {
  if (at !== printedAt) {
    printed = new Date(at).toISOString()
    printedAt = at
  }
  return printed
}
