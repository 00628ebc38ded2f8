import type { Tracer } from '@opentelemetry/api'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

const OptionsSchema = Type.Object(
  {
    tracer: Type.Optional(
      Type.Unsafe<Tracer>(Type.Any({ description: 'must be a tracer of OpenTelemetry, which starts spans' }))
    )
  },
  { additionalProperties: false }
)

/** Without a tracer there are no spans, and nothing is loaded or done for them. */
export type TracingOptions = Static<typeof OptionsSchema>

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: TracingOptions): void {
  const fault = Value.Errors(OptionsSchema, options).First()
  if (fault !== undefined) throw optionError(fault.path.slice(1), fault.schema.description ?? fault.message)
  const { tracer } = options
  if (tracer !== undefined && typeof Reflect.get(Object(tracer), 'startSpan') !== 'function')
    throw optionError('tracer', OptionsSchema.properties.tracer.description ?? '')
}

function optionError(option: string, reason: string): TypeError {
  return new TypeError(`bincard-tracing: option ${option}: ${reason}`)
}
