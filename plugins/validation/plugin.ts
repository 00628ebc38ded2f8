import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { validatorCompiler } from './compiler.ts'

/**
 * Strict validation of everything below: nothing is coerced, dropped or filled in; the whole numbers of a query
 * string count in their canonical form only. Only JSON is taken, and no key that could reach a prototype.
 */
async function validation(fastify: FastifyInstance): Promise<void> {
  fastify.setValidatorCompiler(validatorCompiler(() => fastify.getSchemas()))

  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: fastify.configuration.bodyLimitBytes },
    fastify.getDefaultJsonParser('error', 'error')
  )
}

export default fp(validation, {
  name: 'bincard-validation',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-schemas']
})
