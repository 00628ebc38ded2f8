import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer
} from '@opentelemetry/api'
import type { StepFacts, UnitStep, UnitTrace } from '../../domain/unit-trace.ts'
import { spanTime } from './span-clock.ts'

const names: Readonly<Record<UnitStep, string>> = {
  queue: 'queue',
  idempotency: 'idempotency',
  decide: 'decide',
  commit: 'group commit',
  append: 'append',
  sync: 'sync'
}

/** The steps of a unit as spans below that of whoever asked for it. */
export class UnitSpans implements UnitTrace {
  readonly #tracer: Tracer
  readonly #parent: Context

  constructor(tracer: Tracer, parent: Span) {
    this.#tracer = tracer
    this.#parent = trace.setSpan(ROOT_CONTEXT, parent)
  }

  took(step: UnitStep, from: number, to: number, facts?: StepFacts): UnitTrace {
    const attributes = facts && attributesOf(facts)
    const span = this.#tracer.startSpan(names[step], { startTime: spanTime(from), attributes }, this.#parent)
    if (facts?.['failed'] === true) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(spanTime(to))
    return new UnitSpans(this.#tracer, span)
  }
}

function attributesOf(facts: StepFacts): Attributes {
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(facts)) attributes[`bincard.${name}`] = value
  return attributes
}
