import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { validationError } from './api-error.ts'
import { apiErrorOf } from './foreign-errors.ts'
import { sendError } from './rendering.ts'

// Fastify's own messages repeat the whole URL, with the secrets that some put into its query.
const messages = new Map([
  ['FST_ERR_BAD_URL', 'The URL cannot be decoded'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'A part of the URL is too long']
])

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
  const message = messages.get(error.code)
  const known = message === undefined ? error : validationError(message, undefined, error.statusCode)
  sendError(apiErrorOf(known, reply), request, reply, Date.now())
}
