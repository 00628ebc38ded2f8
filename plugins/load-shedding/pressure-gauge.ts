import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance } from 'fastify'

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

/** From this share on the event loop is busy all the time. */
const busyUtilization = 0.99

type Measured = Pick<
  ReturnType<FastifyInstance['memoryUsage']>,
  'eventLoopDelay' | 'eventLoopUtilized' | 'heapUsed' | 'rssBytes'
>

/**
 * How the process is. @fastify/under-pressure measures it, in a Fastify of its own that serves nothing: where the
 * application around the service has registered the same plugin, its decorators would be in the way.
 */
export class PressureGauge {
  readonly #limits: PressureLimits
  readonly #onSample: () => void
  readonly #meter = Fastify()
  #timer: NodeJS.Timeout | undefined
  #isShedding = false

  /** `onSample` is told each time that the process was measured. */
  constructor(limits: PressureLimits, onSample: () => void) {
    this.#limits = limits
    this.#onSample = onSample
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
    const sample = (): void => {
      this.#isShedding = this.measure().isShedding
      this.#onSample()
    }
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
