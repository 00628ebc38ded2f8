import { Type, type Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'

import { checkPluginOptions, optionError } from '../errors/plugin-options.ts'
import type { IdempotencyStore } from './store.ts'

const plugin = 'bincard-idempotency'

const storeMethods = ['claim', 'complete', 'release']

const OptionsSchema = Type.Object(
  {
    ttlMs: Type.Integer({ minimum: 1, description: 'must be a whole number of milliseconds of at least 1' }),
    now: Type.Optional(
      Type.Function([], Type.Number(), { description: 'must be a function that gives milliseconds' })
    ),
    scope: Type.Optional(
      Type.Function([Type.Unsafe<FastifyRequest>(Type.Any())], Type.String(), {
        description: 'must be a function that gives the scope of a request'
      })
    ),
    store: Type.Optional(
      Type.Unsafe<IdempotencyStore>(
        Type.Any({ description: `must have the methods ${storeMethods.join(', ')}` })
      )
    )
  },
  { additionalProperties: false }
)

export type IdempotencyOptions = Static<typeof OptionsSchema>

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: unknown): asserts options is IdempotencyOptions {
  checkPluginOptions(plugin, OptionsSchema, options)
  const { store } = options
  if (store === undefined) return
  for (const method of storeMethods) {
    if (typeof Reflect.get(Object(store), method) !== 'function') {
      throw optionError(plugin, 'store', OptionsSchema.properties.store.description ?? '')
    }
  }
}
