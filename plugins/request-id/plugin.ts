import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { requestId } from './request-id.ts'

/** Names each request by the caller's sane `x-request-id`, else a new UUID, and says so on every response. */
async function requestIds(fastify: FastifyInstance): Promise<void> {
  fastify.setGenReqId(requestId)
  // On request rather than on send: a callback hook this early costs next to nothing, and errors keep the header.
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
}

export default fp(requestIds, { name: 'bincard-request-id', fastify: '5.x' })
