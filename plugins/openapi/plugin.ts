import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { completeDocument, type Document, type RouteFacts } from './document.ts'

export interface OpenapiOptions {
  /** Of the service, as the document says it. */
  readonly version: string
}

/** Serves the OpenAPI document of the routes as JSON and YAML, and Swagger UI, below `/documentation`. */
async function openapi(fastify: FastifyInstance, { version }: OpenapiOptions): Promise<void> {
  const operations = new Map<string, RouteFacts>()
  fastify.addHook('onRoute', ({ schema, config }) => {
    const { operationId, documentation } = schema ?? {}
    if (operationId === undefined || documentation === undefined) return
    const { apiKey, limitedApi, leases } = config ?? {}
    const takesLeases = leases !== undefined
    operations.set(operationId, { documentation, apiKey, isLimited: limitedApi !== undefined, takesLeases })
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
        { name: 'products', description: 'Products of the chain, and the changes of their central pool.' },
        { name: 'feed', description: 'The changes of all records, to follow.' },
        { name: 'stock', description: 'Records of stock, their changes and their history.' },
        { name: 'reservations', description: 'Who holds units, until when, and what became of them.' },
        { name: 'central', description: 'The stock of all stores together, as the sync worker keeps it.' },
        { name: 'sync', description: 'The sync worker and the events that it could not apply.' },
        { name: 'administration', description: 'What only administrators may see and change.' },
        { name: 'metrics', description: 'What the service counts.' },
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
  await fastify.register(documentation)
}

/** Who is yet to learn what a key is needed for has none. */
async function documentation(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onRoute', (route) => {
    route.config = { ...route.config, apiKey: 'none' }
  })
  // An application around the service that has registered it already has its headers here as well.
  if (!fastify.hasReplyDecorator('helmet')) {
    // Whether the page is reached by TLS alone is for whoever ends the TLS to say; its policy is set below.
    await fastify.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false })
  }
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
  dependencies: ['bincard-schemas', 'bincard-request-id', 'bincard-rate-limit', 'bincard-api-keys']
})
