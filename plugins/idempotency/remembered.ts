import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'

import { answerOf, isFinal, replay, unwrapped } from './answers.ts'
import { IdempotencyConflictError } from './errors.ts'
import type { IdempotencyIdentity, IdempotencyStore } from './store.ts'

type SendDone = (error: Error | null, payload?: unknown) => void

/**
 * The hooks that run the protocol around a handler over a store: the first request with a key claims it, carries
 * out its effect and leaves its answer; the others wait for that answer or get it again.
 */
export function rememberedHooks(store: IdempotencyStore) {
  return {
    /** Runs after the identity was read. */
    preHandler: (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
      const identity = request.idempotencyIdentity
      if (identity === null) {
        done()
        return
      }
      claimOrReplay(store, identity, request, reply).then((claimed) => {
        if (claimed) done()
      }, done)
    },

    onSend: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: SendDone): void => {
      const identity = takeClaim(request)
      if (identity === null) {
        done(null, payload)
        return
      }
      settle(store, identity, reply, payload).then((sent) => done(null, sent), done)
    },

    /** A claim is left only by a handler that answered past Fastify, on the raw response. */
    onResponse: (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
      const identity = reply.sent ? takeClaim(request) : null
      if (identity === null) done()
      else release(store, identity, reply).then(() => done(), done)
    }
  }
}

async function claimOrReplay(
  store: IdempotencyStore,
  identity: IdempotencyIdentity,
  request: FastifyRequest,
  reply: FastifyReply
): Promise<boolean> {
  for (;;) {
    const claim = await store.claim(identity)
    // A time limit may have answered while this request waited: then its handler will not run.
    if (reply.sent) {
      if (claim.kind === 'first') await release(store, identity, reply)
      return false
    }
    switch (claim.kind) {
      case 'first':
        request.idempotencyClaimed = true
        return true
      case 'answered':
        replay(reply, claim.answer)
        return false
      case 'conflict':
        throw new IdempotencyConflictError(identity.key.slice(identity.key.lastIndexOf(' ') + 1))
      case 'in_flight': {
        const answer = await claim.answer
        if (answer === undefined) continue
        if (!reply.sent) replay(reply, answer)
        return false
      }
      default:
        claim satisfies never
    }
  }
}

/** Ends the claim by what is being sent, and gives back what to send: streams have been read by then. */
async function settle(
  store: IdempotencyStore,
  identity: IdempotencyIdentity,
  reply: FastifyReply,
  payload: unknown
): Promise<unknown> {
  const sent = unwrapped(reply, payload)
  if (!isFinal(reply.statusCode)) {
    await release(store, identity, reply)
    return sent
  }
  let answer
  try {
    answer = await answerOf(reply, sent)
  } catch (error) {
    await release(store, identity, reply)
    throw error
  }
  try {
    await store.complete(identity, answer)
  } catch (error) {
    // The effect is done: its author is told so, and the claim stays, so that a retry does not do it again.
    reply.log.error({ err: error }, 'an idempotent answer could not be remembered')
  }
  return answer.body
}

async function release(
  store: IdempotencyStore,
  identity: IdempotencyIdentity,
  reply: FastifyReply
): Promise<void> {
  try {
    await store.release(identity)
  } catch (error) {
    reply.log.error({ err: error }, 'an idempotency key could not be released')
  }
}

/** The identity that the request holds the claim of, once. */
function takeClaim(request: FastifyRequest): IdempotencyIdentity | null {
  if (!request.idempotencyClaimed) return null
  request.idempotencyClaimed = false
  return request.idempotencyIdentity
}
