import type { FastifyReply } from 'fastify'
import { LeaseRejectedError } from './errors.ts'
import { headerText } from './key.ts'
import type { Grant } from './lease-table.ts'

/** The leases of one request, from before they are taken until after they are given back. */
export class RequestLeases {
  readonly #granting: Promise<Grant>
  readonly #reply: FastifyReply
  #token = 0
  #released: Promise<void> | undefined

  constructor(granting: Promise<Grant>, reply: FastifyReply) {
    this.#granting = granting
    this.#reply = reply
  }

  /** Higher than that of every acquisition before this one; 0 until they are taken. */
  get token(): number {
    return this.#token
  }

  /**
   * To be called right before what the leases are for: rejects with a LeaseRejectedError where they have run out, were
   * taken over or given back.
   */
  async requireHeld(): Promise<void> {
    await this.#answering(async () => (await this.#granting).requireHeld())
  }

  /** Resolves when all are taken; rejects with a LeaseRejectedError where another holds one. The plugin's own. */
  async taken(): Promise<void> {
    await this.#answering(async () => {
      this.#token = (await this.#granting).token
    })
  }

  /** Gives them back, also those that are still being taken, once. */
  release(): Promise<void> {
    return (this.#released ??= this.#granting.then(
      (grant) => grant.release(),
      () => undefined
    ))
  }

  async #answering(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if (error instanceof LeaseRejectedError) {
        const { key, retryAfterSeconds } = error
        this.#reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterSeconds))))
        this.#reply.header('x-lock-key', headerText(key.name))
      }
      throw error
    }
  }
}
