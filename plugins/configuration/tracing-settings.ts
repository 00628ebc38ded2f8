import { ConfigurationError } from './configuration-error.ts'
import type { Variables } from './variables.ts'

/** Where spans go; all else is for the SDK of OpenTelemetry to read from the environment. */
export type TracingSettings =
  | { readonly exporter: 'console' }
  | {
      readonly exporter: 'otlp'
      readonly protocol: 'http/protobuf' | 'http/json'
      /** The whole of it, with its path. */
      readonly url: string
    }

const defaultEndpoint = 'http://localhost:4318'

/**
 * By the rules of OpenTelemetry, but off where neither an exporter nor an endpoint is named: undefined then. Throws a
 * ConfigurationError for an endpoint that is no URL of HTTP.
 */
export function tracingSettings(variables: Variables): TracingSettings | undefined {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, ...others } = variables
  const base = others.OTEL_EXPORTER_OTLP_ENDPOINT
  const own = others.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  if (base !== undefined) requireHttp('OTEL_EXPORTER_OTLP_ENDPOINT', base)
  if (own !== undefined) requireHttp('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', own)
  const isAsked = OTEL_TRACES_EXPORTER !== undefined || base !== undefined || own !== undefined
  if (!isAsked || OTEL_TRACES_EXPORTER === 'none' || OTEL_SDK_DISABLED?.toLowerCase() === 'true')
    return undefined
  if (OTEL_TRACES_EXPORTER === 'console') return { exporter: 'console' }
  const protocol = others.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? others.OTEL_EXPORTER_OTLP_PROTOCOL
  return {
    exporter: 'otlp',
    protocol: protocol === 'http/json' ? protocol : 'http/protobuf',
    url: own ?? `${(base ?? defaultEndpoint).replace(/\/$/, '')}/v1/traces`
  }
}

function requireHttp(variable: string, text: string): void {
  const isHttp = URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
  // A user and a password may be in it.
  if (!isHttp)
    throw new ConfigurationError(variable, 'not a URL', 'a URL that begins with http:// or https://')
}
