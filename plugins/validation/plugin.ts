import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { sharedSchemas } from '../schemas/plugin.ts'
import { validatorCompiler } from './compiler.ts'
import { requireHost } from './host-header.ts'
import { largeBodiesInTurns } from './large-bodies.ts'
import { utf8Only } from './utf8-only.ts'

const compileValidator = validatorCompiler(sharedSchemas)

/**
 * Strict validation of everything below: nothing is coerced, dropped or filled in; the whole numbers of a query
 * string count in their canonical form only. Only JSON is taken, and no key that could reach a prototype.
 */
async function validation(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onRequest', requireHost)
  fastify.setValidatorCompiler(compileValidator)

  const parse = utf8Only(fastify.getDefaultJsonParser('error', 'error'))
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: fastify.configuration.bodyLimitBytes },
    largeBodiesInTurns(fastify, parse)
  )
}

export default fp(validation, {
  name: 'bincard-validation',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-request-id', 'bincard-schemas']
})
