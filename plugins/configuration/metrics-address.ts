import type { Variables } from './variables.ts'

/** Where Prometheus is answered; `isAsked` says that somebody chose it, so that it must not be done without. */
export interface MetricsAddress {
  readonly port: number
  readonly host: string
  readonly isAsked: boolean
}

export function metricsAddress({ METRICS_PORT, METRICS_HOST }: Variables): MetricsAddress {
  const isAsked = METRICS_PORT !== undefined || METRICS_HOST !== undefined
  return { port: METRICS_PORT ?? 9080, host: METRICS_HOST ?? '127.0.0.1', isAsked }
}
