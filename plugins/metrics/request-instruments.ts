import type { FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify'
import { Counter, Histogram, type CounterConfiguration, type Registry } from 'prom-client'
import { clientTypes, clientTyping, type ClientType } from './client-types.ts'

/** The endpoint of requests that no route answers, whatever their path. */
const unknownEndpoint = 'unknown'

/** From a read out of memory to a caller that waits for the feed, in seconds. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface Observing {
  observe(value: number): void
}

/**
 * The instruments for requests. No label ever has a path or a header in it: an endpoint is the pattern of a route, and
 * there are as many series as routes, methods, statuses and the three types of clients make, whatever is asked.
 */
export class RequestInstruments {
  readonly requests: Counter
  readonly errors: Counter
  readonly violations: Counter
  readonly #durations: Histogram
  readonly #byType: Readonly<Record<ClientType, Observing>>
  readonly #typeOf = clientTyping()

  constructor(registry: Registry, prefix: string) {
    const registers = [registry]
    const durations = new Histogram({
      name: `${prefix}api_request_duration_seconds`,
      help: 'How long requests took until their answers were handed to the system, by pattern of the route',
      labelNames: ['endpoint', 'method'],
      buckets: durationBuckets,
      registers
    })
    const durationsByType = new Histogram({
      name: `${prefix}api_response_time_by_client_type`,
      help: 'How long requests took, in seconds, by where the client is',
      labelNames: ['type'],
      buckets: durationBuckets,
      registers
    })
    this.#durations = durations
    this.requests = countedBy(durations, {
      name: `${prefix}api_requests_total`,
      help: 'Requests that were answered, by pattern of the route',
      labelNames: ['endpoint', 'method'],
      registers
    })
    countedBy(durationsByType, {
      name: `${prefix}api_requests_by_client_ip_type`,
      help: 'Requests that were answered, by where the client is',
      labelNames: ['type'],
      registers
    })
    this.errors = new Counter({
      name: `${prefix}api_errors_total`,
      help: 'Answers with a status of 400 and above',
      labelNames: ['status', 'endpoint'],
      registers
    })
    this.violations = new Counter({
      name: `${prefix}rate_limit_violations_total`,
      help: 'Requests that were refused as too many (429), by where the client is',
      labelNames: ['type'],
      registers
    })
    for (const type of clientTypes) {
      durationsByType.zero({ type })
      this.violations.inc({ type }, 0)
    }
    this.#byType = {
      external: durationsByType.labels('external'),
      internal: durationsByType.labels('internal'),
      localhost: durationsByType.labels('localhost')
    }
  }

  /** The hook that counts the requests to one route; `endpoint` is its pattern. */
  hookOf(endpoint: string): onResponseHookHandler {
    const byMethod = new Map<string, Observing>()
    return (request, reply, done) => {
      let durations = byMethod.get(request.method)
      if (durations === undefined) {
        durations = this.#durations.labels(endpoint, request.method)
        byMethod.set(request.method, durations)
      }
      this.#take(request, reply, endpoint, durations)
      done()
    }
  }

  /** The hook that counts requests that no route answers, and leaves the others alone. */
  hookOfUnknown(): onResponseHookHandler {
    const hook = this.hookOf(unknownEndpoint)
    return function (request, reply, done) {
      if (request.is404) hook.call(this, request, reply, done)
      else done()
    }
  }

  #take(request: FastifyRequest, reply: FastifyReply, endpoint: string, durations: Observing): void {
    const seconds = reply.elapsedTime / 1000
    const type = this.#typeOf(request.ip)
    durations.observe(seconds)
    this.#byType[type].observe(seconds)
    const { statusCode } = reply
    if (statusCode < 400) return
    this.errors.inc({ status: String(statusCode), endpoint })
    if (statusCode === 429) this.violations.inc({ type })
  }
}

/** A counter of what a histogram has observed: the histogram has counted already, and once is enough on every request. */
function countedBy(histogram: Histogram, configuration: CounterConfiguration<string>): Counter {
  return new Counter({
    ...configuration,
    async collect() {
      const { values } = await histogram.get()
      this.reset()
      for (const { metricName, labels, value } of values) {
        if (metricName?.endsWith('_count') === true) this.inc(labels, value)
      }
    }
  })
}
