import { ImportFailure } from './failures.ts'

export interface Line {
  readonly text: string
  /** False for a last line that no line feed ends. */
  readonly ended: boolean
}

/**
 * Splits text at line feeds and nothing else: the other line breaks of Unicode may stand unescaped in JSON strings.
 * Throws an ImportFailure for a line of more than `limit` UTF-16 code units.
 */
export async function* linesOf(text: AsyncIterable<string>, limit: number): AsyncGenerator<Line> {
  let rest = ''
  for await (const piece of text) {
    let from = 0
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', from)) {
      yield { text: rest + piece.slice(from, at), ended: true }
      rest = ''
      from = at + 1
    }
    rest += piece.slice(from)
    if (rest.length > limit) throw new ImportFailure(`a line is longer than ${limit} characters`)
  }
  if (rest !== '') yield { text: rest, ended: false }
}
