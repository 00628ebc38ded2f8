import type { ErrorObject } from 'ajv'

/**
 * The error without the data and the schema that it is about, and with a message that a caller understands without
 * them: `x-requirement` beside a keyword says in words what the keyword asks for.
 */
export function readable({ data: _data, schema: _schema, parentSchema, ...error }: ErrorObject): ErrorObject {
  const message = readableMessage(error, parentSchema)
  return message === undefined ? error : { ...error, message }
}

function readableMessage(
  { keyword }: Pick<ErrorObject, 'keyword'>,
  parentSchema: Record<string, unknown> | undefined
): string | undefined {
  if (keyword !== 'pattern' && keyword !== 'not' && keyword !== 'discriminator') return undefined
  const requirement = parentSchema?.['x-requirement']
  return typeof requirement === 'string' ? `must be ${requirement}` : undefined
}
