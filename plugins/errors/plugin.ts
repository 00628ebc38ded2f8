import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Refusal } from '../../domain/refusals.ts'
import { notFoundError, type ApiError } from './api-error.ts'
import { apiErrorOf } from './foreign-errors.ts'
import { checkPluginOptions } from './plugin-options.ts'
import { refusalError } from './refusal-error.ts'
import { sendError } from './rendering.ts'
import { TurnedAway } from './turned-away.ts'

const Options = Type.Object(
  {
    preconditionFailedStatus: Type.Optional(
      Type.Union([Type.Literal(409), Type.Literal(412)], { description: 'must be 409 or 412' })
    ),
    now: Type.Optional(
      Type.Function([], Type.Number(), { description: 'must be a function that gives milliseconds' })
    )
  },
  { additionalProperties: false }
)

export type ErrorOptions = Static<typeof Options>

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The error to throw for a refusal decided at `at` (milliseconds since the epoch), with the configured status
     * for version conflicts. `line` is the line, from 0, on which an atomic unit was refused.
     */
    refusalError(refusal: Refusal, at: number, line?: number): ApiError
  }
}

async function errors(fastify: FastifyInstance, options: ErrorOptions): Promise<void> {
  checkPluginOptions('bincard-errors', Options, options)
  const { preconditionFailedStatus: conflictStatus = 409, now = Date.now } = options

  fastify.decorate('refusalError', (refusal, at, line) =>
    refusalError(refusal, line === undefined ? { at, conflictStatus } : { at, conflictStatus, line })
  )
  const turnedAway = new TurnedAway(now)
  fastify.setErrorHandler((thrown, request, reply) => {
    const error = apiErrorOf(thrown, reply)
    if (error.statusCode === 503) turnedAway.tell(request.log, thrown, error.code)
    else if (error.statusCode >= 500) request.log.error({ err: thrown }, 'request failed')
    sendError(error, request, reply, now())
  })
  fastify.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    sendError(notFoundError(`There is no route ${routeText(request)}`), request, reply, now())
  })
}

function routeText({ method, url }: FastifyRequest): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  return path.length > 200 ? `${method} ${path.slice(0, 200)}…` : `${method} ${path}`
}

/** Answers every error in the envelope of the contract, or as problem details where the client prefers them. */
export default fastifyPlugin(errors, { name: 'bincard-errors', fastify: '5.x' })
