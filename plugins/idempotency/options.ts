import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { FastifyRequest } from 'fastify'

import type { IdempotencyStore } from './store.ts'

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
  const fault = Value.Errors(OptionsSchema, options).First()
  if (fault !== undefined) {
    throw optionError(fault.path.slice(1), fault.schema.description ?? fault.message)
  }
  const { store } = options as IdempotencyOptions
  if (store === undefined) return
  for (const method of storeMethods) {
    if (typeof Reflect.get(Object(store), method) !== 'function') {
      throw optionError('store', OptionsSchema.properties.store.description ?? '')
    }
  }
}

function optionError(option: string, reason: string): TypeError {
  return new TypeError(`bincard-idempotency: option ${option}: ${reason}`)
}
