import type { FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { loggingOptions } from '../../plugins/configuration/logging.ts'
import { buildServer } from '../../server.ts'
import { recordPath, startService } from './service.ts'

type Facts = Record<string, unknown>

/** A service and the lines of its log. */
async function logged(t: Test, environment: Record<string, string> = {}) {
  const configuration = loadConfiguration({ DATA_PATH: '', ...environment })
  const lines: Facts[] = []
  const options = loggingOptions(configuration, false)
  const stream = { write: (line: string) => lines.push(JSON.parse(line) as Facts) }
  const logging: FastifyServerOptions = { ...options, logger: { ...(options.logger as object), stream } }
  const server = await buildServer(configuration, { ledger: new MemoryLedger() }, logging)
  t.teardown(() => server.close())
  lines.length = 0
  const change = (level: string, headers = {}) =>
    server.inject({ method: 'PUT', url: '/api/log-level', payload: { level }, headers })
  const adjust = (payload: object, headers = {}) =>
    server.inject({ method: 'POST', url: recordPath('S1', 'A', 'adjust'), payload, headers })
  return { server, lines, change, adjust }
}

t.test('each request has one line', async (t) => {
  const { server, lines, adjust } = await logged(t)
  await adjust({ delta: 5 }, { 'x-request-id': 'till-4', 'content-type': 'application/json' })
  await server.inject({ url: '/nowhere?key=secret', remoteAddress: '10.1.2.3' })
  t.equal(lines.length, 2)
  t.match(lines[0], {
    level: 30,
    reqId: 'till-4',
    req: { method: 'POST', url: recordPath('S1', 'A', 'adjust'), remoteAddress: '127.0.0.1' },
    route: '/api/inventory/stores/:storeId/inventory/:sku/adjust',
    res: { statusCode: 200 },
    msg: 'request completed'
  })
  t.type(lines[0]?.['responseTime'], 'number')
  t.match(lines[1], { req: { url: '/nowhere', remoteAddress: '10.1.2.3' }, res: { statusCode: 404 } })
  t.notOk('route' in (lines[1] ?? {}))
})

t.test('at debug each change has one as well', async (t) => {
  const { lines, change, adjust } = await logged(t)
  t.strictSame((await change('debug')).json(), { success: true, data: { level: 'debug' } })
  lines.length = 0
  const key = { 'idempotency-key': 'k' }
  await adjust({ delta: 5, reason: 'not for the log' }, key)
  await adjust({ delta: 5, reason: 'not for the log' }, key)
  await adjust({ delta: -9 })
  await adjust({ delta: 9 }, key)
  const business = lines.filter(({ level }) => level === 20)
  const facts = { type: 'adjust', storeId: 'S1', sku: 'A' }
  t.match(business, [
    { ...facts, qty: 5, version: 1, msg: 'applied' },
    { ...facts, qty: 5, version: 1, replayed: true, msg: 'applied' },
    { ...facts, qty: 5, version: 1, reason: 'insufficient_stock', msg: 'refused' },
    { msg: /refused: the idempotency key/ }
  ])
  t.equal(business.length, 4)
  t.notMatch(JSON.stringify(lines), /not for the log/)
})

t.test('an administrator changes how much is logged', async (t) => {
  const keys = { API_KEYS: 'shop', ADMIN_API_KEYS: 'head-office' }
  const { server, lines, change } = await logged(t, keys)
  const admin = { 'x-api-key': 'head-office' }
  t.equal((await change('debug')).statusCode, 401)
  t.equal((await change('debug', { 'x-api-key': 'shop' })).statusCode, 403)
  t.equal((await change('loud', admin)).statusCode, 400)
  const get = () => server.inject({ url: '/api/log-level', headers: admin })
  t.strictSame((await get()).json(), { success: true, data: { level: 'info' } })
  lines.length = 0
  await change('warn', admin)
  t.match(lines, [{ to: 'warn', msg: 'the log level is changed' }])
  t.strictSame((await get()).json(), { success: true, data: { level: 'warn' } })
  t.equal(lines.length, 1, 'requests are not logged any more')
  await change('info', admin)
  await get()
  t.match(lines.slice(1), [{ req: { method: 'PUT' } }, { req: { method: 'GET' } }], 'and are again')
  t.equal(lines.length, 3)
})

t.test('a service without a log stays without one', async (t) => {
  const service = await startService(t)
  const silent = { success: true, data: { level: 'silent' } }
  const payload = { level: 'debug' }
  t.strictSame((await service.inject({ method: 'PUT', url: '/api/log-level', payload })).json(), silent)
  t.strictSame((await service.get('/api/log-level')).json(), silent)
})
