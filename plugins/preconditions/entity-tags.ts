/** An entity tag of RFC 9110, section 8.8.3, without its quotes. */
export interface EntityTag {
  readonly weak: boolean
  readonly opaque: string
}

/** The value of If-Match or If-None-Match: `*`, or at least one tag. */
export type EntityTags = '*' | readonly EntityTag[]

// Sticky, so that a tag is read where the last one ended and the whole value in one pass.
const entityTag = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y

/**
 * Reads the value of If-Match or If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2). Empty list elements
 * are skipped (section 5.6.1.2), a list of nothing else is refused. Throws a SyntaxError that says where.
 */
export function parseEntityTags(value: string): EntityTags {
  if (isAsterisk(value)) return '*'
  const tags: EntityTag[] = []
  let position = 0
  for (;;) {
    position = afterBlanks(value, position)
    if (position < value.length && value[position] !== ',') {
      tags.push(readTag(value, position))
      position = afterBlanks(value, entityTag.lastIndex)
    }
    if (position >= value.length) break
    if (value[position] !== ',') throw new SyntaxError(`a comma was expected at character ${position + 1}`)
    position += 1
  }
  if (tags.length === 0) throw new SyntaxError('it holds no entity tag')
  return tags
}

/** The value that parses to these tags. */
export function printEntityTags(tags: EntityTags): string {
  if (tags === '*') return '*'
  return tags.map((tag) => `${tag.weak ? 'W/' : ''}"${tag.opaque}"`).join(', ')
}

function readTag(value: string, position: number): EntityTag {
  entityTag.lastIndex = position
  const match = entityTag.exec(value)
  if (match === null) {
    throw new SyntaxError(`an entity tag in double quotes was expected at character ${position + 1}`)
  }
  return { weak: match[1] !== undefined, opaque: match[2] ?? '' }
}

function isAsterisk(value: string): boolean {
  const position = afterBlanks(value, 0)
  return value[position] === '*' && afterBlanks(value, position + 1) === value.length
}

function afterBlanks(value: string, from: number): number {
  let position = from
  while (value[position] === ' ' || value[position] === '\t') position += 1
  return position
}
