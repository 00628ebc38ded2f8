import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import bincard from '../../app.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { serverOptions } from '../../plugins/configuration/server-options.ts'
import type { Feed } from '../../plugins/feed/feed.ts'

export interface ListeningService {
  readonly url: string
  readonly port: number
  readonly ledger: Ledger
  readonly feed: Feed
  readonly server: FastifyInstance
}

interface Test {
  teardown(handler: () => unknown): void
}

/** A service that really listens, without limits, with its feed for the test to look at. */
export async function startListening(
  t: Test,
  ledger: Ledger = new MemoryLedger()
): Promise<ListeningService> {
  const configuration = loadConfiguration({ RATE_LIMIT_ENABLED: 'false' })
  const server = Fastify({ ...serverOptions(configuration), logger: false })
  // The service is a plugin: what it decorates is seen within it only.
  const within: FastifyInstance[] = []
  server.addHook('onRequest', (request, _reply, done) => {
    within[0] = request.server
    done()
  })
  await server.register(bincard, { configuration, ledger })
  t.teardown(() => server.close())
  const url = await server.listen({ host: '127.0.0.1', port: 0, listenTextResolver: () => '' })
  await server.inject('/api/health')
  const { port } = server.server.address() as AddressInfo
  return { url, port, ledger, feed: within[0]!.feed, server }
}
