import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { loadSheddingError } from '../errors/api-error.ts'
import { sendError } from '../errors/rendering.ts'
import { Refusals, type Timer } from './refusals.ts'

export interface DoorOptions {
  readonly log: FastifyBaseLogger
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly timer: Timer
  readonly onRefused: () => void
}

/** A caller who comes back too early is only turned away again. */
const retryAfterSeconds = 1

/**
 * Turns requests away with as little work as can be: nothing is thrown, no stack is taken, and the log has one line for
 * all of a while, as it is when there is no time for it that they come by the thousand.
 */
export class Door {
  readonly #options: DoorOptions
  readonly #refusals: Refusals
  /** Connections on which somebody waits to be told: one request of each, however many it sends without waiting. */
  readonly #waiting = new WeakSet<Socket>()
  #unreported = 0

  constructor(options: DoorOptions) {
    this.#options = options
    this.#refusals = new Refusals(options.timer)
  }

  refuse(request: FastifyRequest, reply: FastifyReply, reason: string): void {
    const { now, onRefused } = this.#options
    const { socket } = request.raw
    this.#unreported += 1
    onRefused()
    const answer = (): void => sendError(loadSheddingError(reason, retryAfterSeconds), request, reply, now())
    if (this.#waiting.has(socket)) {
      answer()
      return
    }
    this.#waiting.add(socket)
    this.#refusals.add(() => {
      this.#waiting.delete(socket)
      if (!reply.raw.destroyed) answer()
    })
  }

  /** Says in the log how many were refused since it was last called, if any were. */
  report(): void {
    if (this.#unreported === 0) return
    this.#options.log.warn({ refused: this.#unreported }, 'requests were turned away')
    this.#unreported = 0
  }

  /** From now on refuses at once, and all that wait too. */
  close(): void {
    this.#refusals.end()
    this.report()
  }
}
