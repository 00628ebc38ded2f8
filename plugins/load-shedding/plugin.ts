import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { Door } from './door.ts'
import { PressureGauge, type Pressure, type PressureLimits } from './pressure-gauge.ts'
import { isNeverShed } from './shed-routes.ts'

export type { Pressure, PressureLimits } from './pressure-gauge.ts'

export interface LoadSheddingOptions {
  /** Requests that are worked on at once. */
  readonly concurrency: number
  /** Requests that may wait beside those; more are turned away. */
  readonly queuedMax: number
  /** Past any of these requests are turned away, whatever their number. */
  readonly pressure: PressureLimits
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Told of each request that is turned away. */
  readonly onRefused?: () => void
}

export interface LoadShedding {
  readonly requests: {
    readonly active: number
    readonly queued: number
    readonly limit: number
    readonly queueMax: number
    /** Turned away since the start because so many were under way. */
    readonly refused: number
  }
  readonly pressure: Pressure & {
    /** Turned away since the start because of it. */
    readonly refused: number
  }
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

/**
 * Turns requests away, before anything else is done for them, while as many are under way as may be, or while the process
 * is under pressure. What was let in is finished. Decorates `fastify.loadShedding`.
 */
async function loadShedding(fastify: FastifyInstance, options: LoadSheddingOptions): Promise<void> {
  const { concurrency, queuedMax, pressure, now = Date.now, onRefused = () => undefined } = options
  // It keeps the process alive for those who wait to be told.
  const timer = (delayMs: number, callback: () => void): void => void setTimeout(callback, delayMs)
  const door = new Door({ log: fastify.log, now, timer, onRefused })
  const gauge = new PressureGauge(pressure, () => door.report())
  // What the start took of the event loop says nothing of the load, so nothing is measured before its end.
  fastify.addHook('onReady', () => gauge.open())
  // Who is to be refused is told so before connections are closed.
  fastify.addHook('preClose', async () => door.close())
  fastify.addHook('onClose', () => gauge.close())
  const underWayMax = concurrency + queuedMax
  const refused = { full: 0, pressure: 0 }
  let underWay = 0
  fastify.decorate('loadShedding', {
    get requests() {
      const queued = Math.max(0, underWay - concurrency)
      const active = underWay - queued
      return { active, queued, limit: concurrency, queueMax: queuedMax, refused: refused.full }
    },
    get pressure() {
      return { ...gauge.measure(), refused: refused.pressure }
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
    } else if (underWay >= underWayMax) {
      refused.full += 1
      door.refuse(request, reply, `${underWay} requests are under way: come again`)
    } else if (gauge.isShedding) {
      refused.pressure += 1
      door.refuse(request, reply, 'The server is overloaded: come again')
    } else {
      underWay += 1
      onceOver(reply, leave)
      done()
    }
  })
}

/** Answered, or given up by the client: a connection that is gone holds no place. */
function onceOver({ raw }: FastifyReply, leave: () => void): void {
  raw.once('close', leave)
}

export default fp(loadShedding, {
  name: 'bincard-load-shedding',
  fastify: '5.x',
  dependencies: ['bincard-request-id']
})
