import Fastify, { type RouteOptions } from 'fastify'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import bincard from '../../app.ts'

/** Every route that the service registers, whoever wrote it. */
export async function registeredRoutes(): Promise<readonly RouteOptions[]> {
  const host = Fastify()
  const routes: RouteOptions[] = []
  host.addHook('onRoute', (route) => {
    routes.push(route)
  })
  await host.register(bincard, { ledger: new MemoryLedger() })
  await host.ready()
  await host.close()
  return routes
}
