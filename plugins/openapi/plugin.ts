import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { completeDocument, type Document } from './document.ts'
import type { OperationDocumentation } from './documentation.ts'

export interface OpenapiOptions {
  /** Of the service, as the document says it. */
  readonly version: string
}

/** Serves the OpenAPI document of the routes as JSON and YAML, and Swagger UI, below `/documentation`. */
async function openapi(fastify: FastifyInstance, { version }: OpenapiOptions): Promise<void> {
  const operations = new Map<string, OperationDocumentation>()
  fastify.addHook('onRoute', ({ schema }) => {
    const { operationId, documentation } = schema ?? {}
    if (operationId !== undefined && documentation !== undefined) operations.set(operationId, documentation)
  })

  await fastify.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bincard',
        version,
        summary: 'A consistency-first inventory ledger.',
        description:
          'Stock of many SKUs in many stores: what is acknowledged is durable, nothing is applied twice, ' +
          'and no quantity falls below zero.',
        license: { name: 'MIT', identifier: 'MIT' }
      },
      servers: [{ url: '/', description: 'The server that serves this document' }],
      tags: [
        { name: 'stock', description: 'Records of stock, their changes and their history.' },
        { name: 'health', description: 'How the service is.' }
      ]
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        typeof schema.$id === 'string' ? schema.$id : `def-${index}`
    },
    transformObject: (given) => {
      if (!('openapiObject' in given)) throw new TypeError('the document must be OpenAPI 3')
      return completeDocument(given.openapiObject as Document, operations)
    }
  })
  await fastify.register(swaggerUi, {
    routePrefix: '/documentation',
    staticCSP: contentSecurityPolicy,
    uiConfig: { docExpansion: 'list', validatorUrl: null }
  })
}

// Everything comes from this server; Swagger UI styles its elements and draws its icons from data in the page.
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'style-src': ["'self'", "'unsafe-inline'"]
}

export default fp(openapi, {
  name: 'bincard-openapi',
  fastify: '5.x',
  dependencies: ['bincard-schemas', 'bincard-request-id']
})
