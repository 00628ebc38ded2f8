import { Type, type Static } from '@sinclair/typebox'
import { checkPluginOptions, optionError } from '../errors/plugin-options.ts'
import type { LeaseEvent } from './lease.ts'

const plugin = 'bincard-lease-locks'

/** What proper-lockfile can do: a lease lives two seconds at least, and is renewed at most once a second. */
export const shortestTtlMs = 2000
export const shortestRenewMs = 1000

const Options = Type.Object(
  {
    folder: Type.String({ minLength: 1, description: 'must be a folder' }),
    ttlMs: Type.Optional(
      Type.Integer({
        minimum: shortestTtlMs,
        maximum: 3_600_000,
        description: 'must be a whole number of milliseconds from 2000 to 3600000'
      })
    ),
    renewMs: Type.Optional(
      Type.Integer({
        minimum: shortestRenewMs,
        description: 'must be a whole number of milliseconds of at least 1000'
      })
    ),
    ownerId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'must be 1 to 256 characters' })
    ),
    rejectStatus: Type.Optional(
      Type.Integer({ minimum: 400, maximum: 599, description: 'must be a status from 400 to 599' })
    ),
    retryAfterMs: Type.Optional(
      Type.Integer({ minimum: 1, description: 'must be a whole number of milliseconds of at least 1' })
    ),
    keysMax: Type.Optional(Type.Integer({ minimum: 1, description: 'must be a whole number of at least 1' })),
    nameField: Type.Optional(Type.String({ minLength: 1, description: 'must be the name of a field' })),
    count: Type.Optional(
      Type.Function([Type.Unsafe<LeaseEvent>(Type.Any())], Type.Void(), {
        description: 'must be a function that takes the name of an event'
      })
    ),
    now: Type.Optional(
      Type.Function([], Type.Number(), { description: 'must be a function that gives milliseconds' })
    )
  },
  { additionalProperties: false }
)

export type LeaseOptions = Static<typeof Options>

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: unknown): asserts options is LeaseOptions {
  checkPluginOptions(plugin, Options, options)
  const { ttlMs = shortestTtlMs, renewMs = shortestRenewMs } = options
  if (renewMs > ttlMs / 2)
    throw optionError(plugin, 'renewMs', `must be at most half of ttlMs, which is ${ttlMs}`)
}
