import { AsyncResource } from 'node:async_hooks'
import type { FastifyBodyParser, FastifyInstance, FastifyRequest } from 'fastify'
import { BodyTurns } from './body-turns.ts'

/** A hundred lines and more, of which each is several objects once it is parsed. */
const LARGE_BODY_BYTES = 16 * 1024

/** Two batches of a thousand lines: one that is decided, and one that is ready when it is. */
const PARSED_BYTES_MAX = 320 * 1024

/**
 * The parser with turns for large bodies: few of them are objects at once, from when they are parsed until their answer is
 * printed. The others wait as the bytes they came as, which the collector need neither look at nor move. How slowly a
 * client sends or reads keeps nobody else waiting, and one that has gone loses its turn. Small bodies take none.
 */
export function largeBodiesInTurns(
  fastify: FastifyInstance,
  parse: FastifyBodyParser<Buffer>
): FastifyBodyParser<Buffer> {
  const turns = new BodyTurns(PARSED_BYTES_MAX)
  const leaves = new WeakMap<FastifyRequest, () => void>()
  fastify.addHook('onSend', (request, _reply, payload, done) => {
    leaves.get(request)?.()
    done(null, payload)
  })
  return (request, body, done) => {
    const { length } = body
    if (length < LARGE_BODY_BYTES) return parse(request, body, done) as unknown
    const { socket } = request.raw
    const leave = (): void => {
      // An answer is sent once, but its connection is closed later too.
      if (!leaves.delete(request)) return
      socket.removeListener('close', leave)
      turns.leave(length)
    }
    const begin = (): void => {
      if (socket.destroyed) {
        turns.leave(length)
        return
      }
      leaves.set(request, leave)
      socket.once('close', leave)
      void parse(request, body, done)
    }
    // Another request may have it begin, whose traces are not this one's.
    turns.enter(length, AsyncResource.bind(begin))
    return undefined
  }
}
