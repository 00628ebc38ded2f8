/** Says what does not fit. */
export type Report = (difference: string) => void
