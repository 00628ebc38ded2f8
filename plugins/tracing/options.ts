import type { Tracer } from '@opentelemetry/api'
import { Type, type Static } from '@sinclair/typebox'
import { checkPluginOptions, optionError } from '../errors/plugin-options.ts'

const plugin = 'bincard-tracing'

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
  checkPluginOptions(plugin, OptionsSchema, options)
  const { tracer } = options
  if (tracer !== undefined && typeof Reflect.get(Object(tracer), 'startSpan') !== 'function')
    throw optionError(plugin, 'tracer', OptionsSchema.properties.tracer.description ?? '')
}
