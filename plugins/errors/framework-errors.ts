import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { apiErrorOf } from './foreign-errors.ts'
import { sendError } from './rendering.ts'

/**
 * Answers errors that come before routing, such as a URL that cannot be decoded, in the same form. Hooks and
 * error handlers do not see them: give this function to Fastify itself as its option `frameworkErrors`.
 */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply
): void {
  reply.header('x-request-id', request.id)
  sendError(apiErrorOf(error, reply), request, reply, Date.now())
}
