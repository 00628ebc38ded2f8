import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { checkPluginOptions } from '../errors/plugin-options.ts'
import type { Timer } from './schedule.ts'

/** The longest delay that a timer of Node takes. */
export const LONGEST_INTERVAL_MS = 2 ** 31 - 1

const milliseconds = Type.Integer({
  minimum: 1,
  maximum: LONGEST_INTERVAL_MS,
  description: `must be a whole number of milliseconds from 1 to ${LONGEST_INTERVAL_MS}`
})

const Options = Type.Object(
  {
    job: Type.Function(
      [Type.Unsafe<AbortSignal>(Type.Any())],
      Type.Unsafe<Promise<unknown> | undefined>(Type.Any()),
      { description: 'must be a function' }
    ),
    intervalMs: milliseconds,
    retryMs: Type.Optional(milliseconds),
    isStopped: Type.Optional(Type.Boolean({ description: 'must be true or false' })),
    onError: Type.Optional(
      Type.Function([Type.Unknown()], Type.Void(), { description: 'must be a function that takes an error' })
    ),
    timer: Type.Optional(
      Type.Unsafe<Timer>(
        Type.Function([], Type.Any(), { description: 'must be a function that sets a timer' })
      )
    ),
    now: Type.Optional(
      Type.Function([], Type.Number(), { description: 'must be a function that gives milliseconds' })
    )
  },
  { additionalProperties: false }
)

export type SyncSchedulerOptions = Static<typeof Options>

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: unknown): asserts options is SyncSchedulerOptions {
  checkPluginOptions('bincard-sync-scheduler', Options, options)
}

/** Throws a RangeError for what no timer takes. */
export function checkInterval(intervalMs: number): void {
  const fault = Value.Errors(milliseconds, intervalMs).First()
  if (fault === undefined) return
  throw new RangeError(`the interval ${fault.schema.description}, got ${intervalMs}`)
}
