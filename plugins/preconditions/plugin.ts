import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import { checkPluginOptions } from '../errors/plugin-options.ts'
import { PreconditionFailedError } from './errors.ts'
import { failedExpectation, matchesIfNoneMatch, readPrecondition, type Precondition } from './precondition.ts'
import { versionTag } from './version-tags.ts'

export { parseEntityTags, printEntityTags, type EntityTag, type EntityTags } from './entity-tags.ts'
export { MalformedPreconditionError, PreconditionFailedError, type FailedExpectation } from './errors.ts'
export type { Precondition } from './precondition.ts'

const Options = Type.Object(
  {
    failedStatus: Type.Optional(
      Type.Union([Type.Literal(409), Type.Literal(412)], { description: 'must be 409 or 412' })
    )
  },
  { additionalProperties: false }
)

export type PreconditionOptions = Static<typeof Options>

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Throws a PreconditionFailedError with the configured status unless the precondition holds for the current
     * version, undefined or 0 where the resource does not exist. No precondition always holds.
     */
    requirePrecondition(current: number | undefined, precondition: Precondition | undefined): void
  }

  interface FastifyRequest {
    /**
     * The precondition of a write, from If-Match, `If-None-Match: *` or the version in the body (0 for "there
     * must be none"). Throws a MalformedPreconditionError, status 400.
     */
    precondition(bodyVersion?: number): Precondition | undefined
    /** Whether If-None-Match says that the reader has this version. Throws a MalformedPreconditionError. */
    isNotModified(version: number): boolean
  }

  interface FastifyReply {
    /** Sets ETag to the version, a strong tag. */
    entityTag(version: number): FastifyReply
  }
}

async function preconditions(fastify: FastifyInstance, options: PreconditionOptions): Promise<void> {
  checkPluginOptions('bincard-preconditions', Options, options)
  const { failedStatus = 412 } = options

  fastify.decorate('requirePrecondition', (current, precondition) => {
    if (precondition === undefined) return
    const failed = failedExpectation(precondition, current)
    if (failed !== undefined) throw new PreconditionFailedError(failedStatus, failed)
  })
  fastify.decorateRequest('precondition', function (this: FastifyRequest, bodyVersion?: number) {
    return readPrecondition(this.headers, bodyVersion)
  })
  fastify.decorateRequest('isNotModified', function (this: FastifyRequest, version: number) {
    return matchesIfNoneMatch(this.headers, version)
  })
  fastify.decorateReply('entityTag', function (this: FastifyReply, version: number) {
    return this.header('etag', versionTag(version))
  })
}

/** Entity tags and preconditions of RFC 9110 over version numbers. */
export default fastifyPlugin(preconditions, { name: 'bincard-preconditions', fastify: '5.x' })
