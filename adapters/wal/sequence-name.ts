/** A sequence in the name of a file has so many digits: names then stand in the order of their sequences. */
export const NAME_DIGITS = 16

export function digits(sequence: number): string {
  return sequence.toString().padStart(NAME_DIGITS, '0')
}
