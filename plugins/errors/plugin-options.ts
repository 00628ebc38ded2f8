import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/**
 * What a plugin checks its options with as it is registered; `plugin` is its name. Throws a TypeError that names the first
 * option that does not fit, and says what it must be as the schema's description does.
 */
export function checkPluginOptions<Schema extends TSchema>(
  plugin: string,
  schema: Schema,
  options: unknown
): asserts options is Static<Schema> {
  const fault = Value.Errors(schema, options).First()
  if (fault === undefined) return
  const option = fault.path.slice(1).replaceAll('/', '.')
  throw optionError(plugin, option, fault.schema.description ?? fault.message)
}

/** The error for an option that its schema alone cannot judge. */
export function optionError(plugin: string, option: string, reason: string): TypeError {
  return new TypeError(`${plugin}: option ${option}: ${reason}`)
}
