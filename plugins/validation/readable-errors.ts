import type { ErrorObject } from 'ajv'

const explained = new Set(['pattern', 'not', 'discriminator', 'anyOf'])

/**
 * The error without the data and the schema that it is about, and with a message that a caller understands without
 * them: `x-requirement` beside a keyword says in words what the keyword asks for.
 */
export function readable({ data: _data, schema: _schema, parentSchema, ...error }: ErrorObject): ErrorObject {
  const message = readableMessage(error, parentSchema)
  return message === undefined ? error : { ...error, message }
}

/** Whether the error says something of its own: not that a choice failed, of which the others say why. */
export function isTelling({ keyword, schemaPath }: ErrorObject): boolean {
  return keyword !== 'if' && !/\/anyOf\/\d/.test(schemaPath)
}

function readableMessage(
  { keyword }: Pick<ErrorObject, 'keyword'>,
  parentSchema: Record<string, unknown> | undefined
): string | undefined {
  if (!explained.has(keyword)) return undefined
  const requirement = parentSchema?.['x-requirement']
  return typeof requirement === 'string' ? `must be ${requirement}` : undefined
}
