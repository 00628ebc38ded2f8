import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'

import idempotency, {
  MemoryIdempotencyStore,
  type IdempotencyOptions
} from '../../../plugins/idempotency/plugin.ts'

/** A clock that stands still until a test moves it. */
export class Clock {
  #instant = Date.UTC(2026, 0, 2)
  readonly now = (): number => this.#instant

  advance(ms: number): void {
    this.#instant += ms
  }
}

/** A bare application with this plugin and the routes that `define` adds. */
export async function application(
  t: Test,
  options: IdempotencyOptions,
  define: (fastify: FastifyInstance) => void
): Promise<{ readonly fastify: FastifyInstance; readonly post: Post }> {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(idempotency, options)
  define(fastify)
  await fastify.ready()
  const post: Post = (url, key, more) =>
    fastify.inject({ method: 'POST', url, ...more, headers: { ...more?.headers, 'idempotency-key': key } })
  return { fastify, post }
}

export const ttlMs = 5000

/** The setting of a route whose answers the plugin remembers. */
export const config = { idempotency: 'remembered' } as const

/** A bare application whose remembered routes have a store in memory. */
export function remembering(t: Test, define: (fastify: FastifyInstance) => void, clock = new Clock()) {
  const store = new MemoryIdempotencyStore({ now: clock.now })
  return application(t, { ttlMs, now: clock.now, store }, define)
}

export type Post = (
  url: string,
  key: string,
  more?: Pick<InjectOptions, 'payload' | 'headers'>
) => Promise<LightMyRequestResponse>

/** Something to wait for that a test brings about. */
export function signal<T = void>(): { readonly given: Promise<T>; readonly give: (value: T) => void } {
  let give: (value: T) => void = () => {}
  const given = new Promise<T>((resolve) => {
    give = resolve
  })
  return { given, give: (value) => give(value) }
}

/** Lets the event loop turn until the condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
