import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import createClient, { type Client } from 'openapi-fetch'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import type { paths } from './openapi-types.ts'
import { PoisonedLedger } from './poisoned-ledger.ts'

export type ServiceClient = Client<paths, 'application/json'>

interface Test {
  teardown(handler: () => unknown): void
}

/** A client, as openapi-fetch makes it of the generated types, of a service that listens. */
export interface ConnectedClient {
  readonly client: ServiceClient
  readonly ledger: PoisonedLedger
  /** The operations that were answered with a success, as `method path`. */
  readonly succeeded: ReadonlySet<string>
}

export async function connectClient(t: Test): Promise<ConnectedClient> {
  const configuration = loadConfiguration({})
  const rateLimit = { ...configuration.rateLimit, enabled: false }
  const sync = { ...configuration.sync, retryTimes: 0 }
  const ledger = new PoisonedLedger()
  const server = await buildServer({ ...configuration, rateLimit, sync }, { ledger })
  t.teardown(() => server.close())
  const baseUrl = await server.listen({ host: '127.0.0.1', port: 0 })

  const client = createClient<paths, 'application/json'>({ baseUrl })
  const succeeded = new Set<string>()
  client.use({
    onResponse: ({ request, schemaPath, response }) => {
      if (response.ok) succeeded.add(`${request.method.toLowerCase()} ${schemaPath}`)
    }
  })
  return { client, ledger, succeeded }
}

/** Every operation of the committed document, as `method path`. */
export async function documentedOperations(): Promise<string[]> {
  const path = join(import.meta.dirname, '..', '..', 'openapi', 'openapi.json')
  const document = JSON.parse(await readFile(path, 'utf8')) as { paths: Record<string, object> }
  return Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.keys(operations).map((method) => `${method} ${template}`)
  )
}
