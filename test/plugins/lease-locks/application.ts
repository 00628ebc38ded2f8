import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type LightMyRequestResponse
} from 'fastify'
import type { Test } from 'tap'
import leaseLocks, { type LeaseOptions } from '../../../plugins/lease-locks/plugin.ts'

/** A folder of leases that goes with the test. */
export async function leaseFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bincard-leases-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What is in the folder besides the tokens: nothing, where all leases were given back. */
export async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'tokens').sort()
}

/** Something to wait for that a test brings about. */
export function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}

/** Lets the event loop turn until the condition holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

export type Work = (request: FastifyRequest, reply: FastifyReply) => unknown

export interface Instance {
  readonly fastify: FastifyInstance
  /** Each event and how often it came. */
  readonly counts: Record<string, number>
  /** Milliseconds that its clock is ahead. */
  aheadMs: number
  /** Asks for the leases of these names, as this holder, and has `work` done under them. */
  take(names: readonly string[], work?: Work, holder?: string): Promise<LightMyRequestResponse>
}

/** A bare application that has the plugin; several on one folder stand for several processes. */
export async function instance(
  t: Test,
  folder: string,
  options: Partial<LeaseOptions> = {}
): Promise<Instance> {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const counts: Record<string, number> = {}
  const works: Work[] = []
  const made: Omit<Instance, 'take'> & { aheadMs: number } = { fastify, counts, aheadMs: 0 }
  await fastify.register(leaseLocks, {
    folder,
    count: (event) => {
      counts[event] = (counts[event] ?? 0) + 1
    },
    now: () => Date.now() + made.aheadMs,
    ...options
  })
  fastify.post<{ Body: { names: string[]; holder?: string; work: number } }>(
    '/',
    {
      config: {
        leases: ({ body }) => {
          const { names, holder } = body as { names: string[]; holder?: string }
          return { keys: names.map((name) => ({ space: 'S1', name })), holder }
        }
      }
    },
    (request, reply) => works[request.body.work]?.(request, reply)
  )
  await fastify.ready()
  return Object.assign(made, {
    take: (names: readonly string[], work: Work = () => 'done', holder?: string) =>
      fastify.inject({ method: 'POST', url: '/', payload: { names, holder, work: works.push(work) - 1 } })
  })
}

/** A request that has its leases and does not let go of them until it is told to. */
export async function holding(
  at: Instance,
  names: readonly string[],
  holder?: string,
  atLast: Work = () => 'done'
) {
  const held = signal()
  const finish = signal()
  let token = 0
  const answer = at.take(
    names,
    async (request, reply) => {
      token = request.leases?.token ?? 0
      held.give()
      await finish.given
      return atLast(request, reply)
    },
    holder
  )
  const early = await Promise.race([held.given, answer])
  if (early !== undefined) throw new Error(`no lease: ${early.body}`)
  return {
    token,
    answer,
    finish: async () => {
      finish.give()
      return await answer
    }
  }
}
