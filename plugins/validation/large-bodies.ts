import type { FastifyBodyParser, FastifyInstance, FastifyRequest } from 'fastify'
import pLimit from 'p-limit'

/** A hundred lines and more, of which each is several objects once it is parsed. */
const LARGE_BODY_BYTES = 16 * 1024

/** One that is decided, one before it that is answered, and one behind it. */
const LARGE_BODIES_MAX = 3

/**
 * The parser with turns for large bodies: few of them are objects at once, from when they are parsed until their answer is
 * printed. The others wait as the bytes they came as, which the collector need neither look at nor move. How slowly a
 * client sends or reads keeps nobody else waiting, and one that has gone loses its turn. Small bodies take none.
 */
export function largeBodiesInTurns(
  fastify: FastifyInstance,
  parse: FastifyBodyParser<Buffer>
): FastifyBodyParser<Buffer> {
  const turns = pLimit(LARGE_BODIES_MAX)
  const leaves = new WeakMap<FastifyRequest, () => void>()
  fastify.addHook('onSend', (request, _reply, payload, done) => {
    leaves.get(request)?.()
    done(null, payload)
  })
  return (request, body, done) => {
    if (body.length < LARGE_BODY_BYTES) return parse(request, body, done) as unknown
    const { socket } = request.raw
    const turn = (): Promise<void> =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve()
        const leave = (): void => {
          socket.removeListener('close', leave)
          resolve()
        }
        socket.once('close', leave)
        leaves.set(request, leave)
        void parse(request, body, done)
      })
    void turns(turn)
    return undefined
  }
}
