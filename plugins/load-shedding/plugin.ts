import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { loadSheddingError } from '../errors/api-error.ts'
import { isNeverShed } from './shed-routes.ts'

export interface LoadSheddingOptions {
  /** Requests that are worked on at once. */
  readonly concurrency: number
  /** Requests that may wait beside those; more are turned away. */
  readonly queuedMax: number
  /** Past any of these requests are turned away, whatever their number. */
  readonly pressure: PressureLimits
}

export interface PressureLimits {
  /** How late the event loop may be on average, in milliseconds. */
  readonly eventLoopDelayMaxMs: number
  /** How late where it has been busy all the time besides, in milliseconds. */
  readonly busyLoopDelayMaxMs: number
  readonly heapUsedMaxBytes: number
  readonly rssMaxBytes: number
  /** How often these are measured, in milliseconds. */
  readonly sampleIntervalMs: number
}

export interface Pressure {
  readonly eventLoopDelayMs: number
  /** From 0 to 1. */
  readonly eventLoopUtilization: number
  readonly heapUsedBytes: number
  readonly rssBytes: number
  readonly isShedding: boolean
}

export interface LoadShedding {
  readonly requests: {
    readonly active: number
    readonly queued: number
    readonly limit: number
    readonly queueMax: number
  }
  readonly pressure: Pressure
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly loadShedding: LoadShedding
  }

  interface FastifyContextConfig {
    /** Whether the route is answered however much there is to do, set by the load-shedding plugin. */
    isNeverShed?: boolean
  }
}

/** A caller who comes back too early is only turned away again. */
const retryAfterSeconds = 1

/** From this share on the event loop is busy all the time. */
const busyUtilization = 0.99

/**
 * Turns requests away, before anything else is done for them, while as many are under way as may be, or while the process
 * is under pressure. What was let in is finished. Decorates `fastify.loadShedding`.
 */
async function loadShedding(fastify: FastifyInstance, options: LoadSheddingOptions): Promise<void> {
  const { concurrency, queuedMax, pressure } = options
  const gauge = new PressureGauge(pressure)
  // What the start took of the event loop says nothing of the load, so nothing is measured before its end.
  fastify.addHook('onReady', () => gauge.open())
  fastify.addHook('onClose', () => gauge.close())
  const underWayMax = concurrency + queuedMax
  let underWay = 0
  fastify.decorate('loadShedding', {
    get requests() {
      const queued = Math.max(0, underWay - concurrency)
      return { active: underWay - queued, queued, limit: concurrency, queueMax: queuedMax }
    },
    get pressure() {
      return gauge.measure()
    }
  })
  fastify.addHook('onRoute', (route) => {
    if (isNeverShed(route.url.slice(fastify.prefix.length)))
      route.config = { ...route.config, isNeverShed: true }
  })
  const leave = (): void => {
    underWay -= 1
  }
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isNeverShed === true) {
      done()
    } else if (underWay >= underWayMax || gauge.isShedding) {
      const what = underWay >= underWayMax ? `${underWay} requests are under way` : 'The server is overloaded'
      done(loadSheddingError(`${what}: come again`, retryAfterSeconds))
    } else {
      underWay += 1
      onceOver(reply, leave)
      done()
    }
  })
}

type Measured = Pick<
  ReturnType<FastifyInstance['memoryUsage']>,
  'eventLoopDelay' | 'eventLoopUtilized' | 'heapUsed' | 'rssBytes'
>

/** Answered, or given up by the client: a connection that is gone holds no place. */
function onceOver({ raw }: FastifyReply, leave: () => void): void {
  raw.once('close', leave)
}

/**
 * How the process is. @fastify/under-pressure measures it, in a Fastify of its own that serves nothing: where the
 * application around the service has registered the same plugin, its decorators would be in the way.
 */
class PressureGauge {
  readonly #limits: PressureLimits
  readonly #meter = Fastify()
  #timer: NodeJS.Timeout | undefined
  #isShedding = false

  constructor(limits: PressureLimits) {
    this.#limits = limits
  }

  /** As of the last sample: nothing is measured for a request. */
  get isShedding(): boolean {
    return this.#isShedding
  }

  /** Begins to measure. */
  async open(): Promise<void> {
    const { sampleIntervalMs } = this.#limits
    await this.#meter.register(underPressure, {
      sampleInterval: sampleIntervalMs,
      eventLoopUtilizationMode: 'interval'
    })
    await this.#meter.ready()
    const sample = (): void => void (this.#isShedding = this.measure().isShedding)
    sample()
    this.#timer = setInterval(sample, sampleIntervalMs).unref()
  }

  /** REQUIRES: it is open. */
  measure(): Pressure {
    return pressureOf(this.#meter.memoryUsage(), this.#limits)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#meter.close()
  }
}

function pressureOf(
  { eventLoopDelay, eventLoopUtilized, heapUsed, rssBytes }: Measured,
  limits: PressureLimits
): Pressure {
  const isBusy = eventLoopUtilized >= busyUtilization
  const delayMaxMs = isBusy ? limits.busyLoopDelayMaxMs : limits.eventLoopDelayMaxMs
  return {
    eventLoopDelayMs: eventLoopDelay,
    eventLoopUtilization: eventLoopUtilized,
    heapUsedBytes: heapUsed,
    rssBytes,
    isShedding:
      eventLoopDelay > delayMaxMs || heapUsed > limits.heapUsedMaxBytes || rssBytes > limits.rssMaxBytes
  }
}

export default fp(loadShedding, {
  name: 'bincard-load-shedding',
  fastify: '5.x',
  dependencies: ['bincard-request-id']
})
