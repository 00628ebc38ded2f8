import { blocksOf } from './markdown.ts'

/** Commands of a document and what it says that they print. */
export interface Example {
  readonly commands: string
  /** Empty where the document shows nothing. */
  readonly answer: string
  /** `http`: as `curl -i` prints it. `json`: nothing but JSON. `text`: anything else. */
  readonly kind: 'http' | 'json' | 'text'
  readonly line: number
}

/**
 * What a document has people type, in its order: each block `sh`, with the block `http`, `json` or `text` that comes
 * next. Blocks of other languages (`bash` for commands that are shown only) are nobody's answer.
 */
export function examplesOf(markdown: string): Example[] {
  const blocks = blocksOf(markdown)
  return blocks.flatMap(({ language, text: commands, line }, index) => {
    if (language !== 'sh') return []
    const next = blocks[index + 1]
    switch (next?.language) {
      case 'http':
      case 'json':
      case 'text':
        return [{ commands, answer: next.text, kind: next.language, line } as const]
      default:
        return [{ commands, answer: '', kind: 'text', line } as const]
    }
  })
}
