import { ROOT_CONTEXT, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import type { TimedPass } from '../../domain/synchronization.ts'
import { epochTime } from './span-clock.ts'

/** Makes of each pass of the sync worker a trace of its own: nobody asked for it, or many did. */
export function passSpans(tracer: Tracer): (pass: TimedPass) => void {
  return ({ startedAt, durationMs, steps, report }) => {
    const attributes = report && {
      'bincard.applied': report.applied,
      'bincard.dead_lettered': report.deadLettered,
      'bincard.sequence': report.sequence
    }
    const span = tracer.startSpan('sync pass', { root: true, startTime: epochTime(startedAt), attributes })
    const parent = trace.setSpan(ROOT_CONTEXT, span)
    for (const { step, from, to } of steps) {
      tracer
        .startSpan(step, { startTime: epochTime(startedAt + from) }, parent)
        .end(epochTime(startedAt + to))
    }
    if (report === undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(epochTime(startedAt + durationMs))
  }
}
