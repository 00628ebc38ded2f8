import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { optionError } from '../errors/plugin-options.ts'

const plugin = 'bincard-api-keys'

const keys = Type.Optional(
  Type.Unsafe<readonly string[]>(
    // No spaces: Node joins headers of the same name by ", ", which must not pass for one key.
    Type.Array(Type.String({ pattern: '^[!-~]{1,256}$' }))
  )
)

const OptionsSchema = Type.Object({ keys, adminKeys: keys }, { additionalProperties: false })

export type ApiKeyOptions = Static<typeof OptionsSchema>

/** Throws a TypeError that names the first option that does not fit, and shows no key. */
export function checkOptions(options: unknown): asserts options is ApiKeyOptions {
  const fault = Value.Errors(OptionsSchema, options).First()
  if (fault !== undefined) {
    const [, option = ''] = fault.path.split('/')
    const isKnown = option in OptionsSchema.properties
    throw optionError(
      plugin,
      option,
      isKnown ? 'must be a list of keys of 1 to 256 visible ASCII characters' : 'is not known'
    )
  }
  const { keys: callers = [], adminKeys = [] } = options as ApiKeyOptions
  if (adminKeys.some((key) => callers.includes(key))) {
    throw optionError(plugin, 'adminKeys', 'must have no key of keys: its callers would be administrators')
  }
}
