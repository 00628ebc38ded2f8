import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'

export type TracingLog = (severity: 'info' | 'warn', message: string, facts: object) => void

/** An exporter of which the log says once that it does not get rid of its spans, and once that it does again. */
export class WatchedExporter implements SpanExporter {
  readonly #inner: SpanExporter
  readonly #log: TracingLog
  #isFailing = false

  constructor(inner: SpanExporter, log: TracingLog) {
    this.#inner = inner
    this.#log = log
  }

  /** Whether the last spans could not be sent. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#inner.export(spans, (result) => {
      this.#note(result)
      done(result)
    })
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown()
  }

  #note({ code, error }: ExportResult): void {
    const isFailing = code !== ExportResultCode.SUCCESS
    if (isFailing === this.#isFailing) return
    this.#isFailing = isFailing
    if (isFailing) this.#log('warn', 'traces cannot be sent', { error: error?.message })
    else this.#log('info', 'traces are sent again', {})
  }
}
