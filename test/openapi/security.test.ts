import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'

interface Operation {
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { readonly $ref?: string } | undefined>>
}

interface Document {
  readonly security?: readonly object[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly securitySchemes: object
    readonly responses: Readonly<Record<string, { readonly headers: object }>>
    readonly headers: object
  }
}

async function served(environment: Record<string, string>): Promise<Document> {
  const server = await buildServer(loadConfiguration(environment), { ledger: new MemoryLedger() })
  try {
    return (await server.inject('/documentation/json')).json<Document>()
  } finally {
    await server.close()
  }
}

t.test('each operation says whose key it needs, and how a key is refused', async (t) => {
  const { paths, security } = await served({})
  t.equal(security, undefined, 'nothing holds for all')
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const place = `${method} ${path}`
      const { 401: unauthorized, 403: forbidden } = operation.responses
      if (path.startsWith('/api/health')) {
        t.strictSame(operation.security, [], `${place} is open`)
        t.equal(unauthorized, undefined)
        t.equal(forbidden, undefined)
        continue
      }
      t.equal(unauthorized?.$ref, '#/components/responses/Unauthorized', place)
      const isAdministration = /^\/v1\/admin\/|^\/api\/sync(\/|$)|^\/api\/(metrics\/reset|log-level)$/.test(
        path
      )
      t.strictSame(
        operation.security,
        isAdministration ? [{ AdminApiKey: [] }, {}] : [{ ApiKey: [] }, { AdminApiKey: [] }, {}],
        place
      )
      t.equal(forbidden?.$ref, isAdministration ? '#/components/responses/Forbidden' : undefined, place)
    }
  }
})

t.test('how keys are sent and refused', async (t) => {
  const { components } = await served({})
  const header = { type: 'apiKey', in: 'header', name: 'X-API-Key' }
  t.match(components.securitySchemes, { ApiKey: header, AdminApiKey: header })
  t.match(components.responses['Unauthorized']?.headers, {
    'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' }
  })
  t.match(components.headers, { 'WWW-Authenticate': { required: true } })
})

t.test('the document is the same with keys and without, and has no key in it', async (t) => {
  const withKeys = await served({
    API_KEYS: 'secret-of-a-shop',
    ADMIN_API_KEYS: 'secret-of-an-administrator'
  })
  t.strictSame(withKeys, await served({}))
  t.notMatch(JSON.stringify(withKeys), /secret-of/)
})
