import Fastify from 'fastify'
import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import bincard from '../../../app.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'

interface Response {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, object>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, Response> }>>>>
  readonly components: { readonly responses: Readonly<Record<string, Response>> }
}

const limitHeaders = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']

async function documentOf(environment: Record<string, string>): Promise<Document> {
  const server = await buildServer(loadConfiguration(environment), { ledger: new MemoryLedger() })
  const document = (await server.inject('/documentation/json')).json<Document>()
  await server.close()
  return document
}

t.test('the document says of every operation whether it is limited', async (t) => {
  const { paths, components } = await documentOf({})
  const documented = ({ $ref, ...response }: Response): readonly string[] => {
    const { headers = {} } =
      $ref === undefined ? response : (components.responses[$ref.split('/').at(-1) ?? ''] ?? {})
    return Object.keys(headers)
  }
  let limited = 0
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const place = `${method} ${path}`
      const isLimited = !path.startsWith('/api/health')
      t.equal('429' in responses, isLimited, place)
      t.equal(
        limitHeaders.every((name) => documented(responses['200'] ?? {}).includes(name)),
        isLimited,
        place
      )
      if (!isLimited) continue
      limited++
      for (const [status, response] of Object.entries(responses)) {
        t.ok(
          limitHeaders.every((name) => documented(response).includes(name)),
          `${place} ${status}`
        )
      }
      t.ok(documented(responses['429'] ?? {}).includes('Retry-After'), place)
    }
  }
  t.ok(limited > 10)
})

t.test('the document is the same whether or not requests are limited', async (t) => {
  t.strictSame(await documentOf({ RATE_LIMIT_ENABLED: 'false' }), await documentOf({}))
})

t.test('two services in one application have limits of their own, and the application none', async (t) => {
  const host = Fastify()
  t.teardown(() => host.close())
  host.get('/own', async () => ({}))
  const rateLimit = { ...loadConfiguration({}).rateLimit, requestsPerMinute: 1 }
  for (const prefix of ['/one', '/two']) {
    await host.register(bincard, { prefix, ledger: new MemoryLedger(), configuration: { rateLimit } })
  }
  const statusOf = async (url: string) => (await host.inject(url)).statusCode
  t.equal(await statusOf('/one/v1/inventory/P1'), 404)
  t.equal(await statusOf('/one/v1/nowhere'), 429)
  t.equal(await statusOf('/two/v1/inventory/P1'), 404)
  t.equal(await statusOf('/one/documentation/json'), 200)
  t.equal((await host.inject('/one/health')).headers['x-ratelimit-limit'], undefined)
  for (const url of ['/own', '/nowhere']) {
    t.equal((await host.inject(url)).headers['x-ratelimit-limit'], undefined, url)
  }
})
