/** Both ways of reading the log, the plain one and the ledger's, are asked and answer alike. */
export interface ReadingInput {
  readonly dataFolder: string
}

export interface ReadingOutput {
  readonly milliseconds: number
  readonly events: number
}
