import { readdirSync, readFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { keptLog } from './kept-log.ts'
import { ownFolder } from '../processes/own-folder.ts'

const shop = 'good-secret-of-a-shop'
const administrator = 'good-secret-of-an-administrator'
const wrong = 'bad-secret'
const path = '/api/inventory/stores/S1/inventory/K1'

interface Logged {
  readonly server: FastifyInstance
  /** Every line of the log, at its most talkative. */
  readonly lines: readonly string[]
  /** What the server answers to these bytes. */
  readonly raw: (request: string) => Promise<string>
}

async function logged(t: Test, environment: Record<string, string>, ledger?: Ledger): Promise<Logged> {
  const configuration = loadConfiguration({
    API_KEYS: `${shop},another`,
    ADMIN_API_KEYS: administrator,
    LOG_LEVEL: 'trace',
    DATA_PATH: '',
    ...environment
  })
  const { logging, lines } = keptLog(configuration)
  const server = await buildServer(configuration, ledger === undefined ? {} : { ledger }, logging)
  t.teardown(() => server.close())
  await server.listen({ port: 0, host: '127.0.0.1' })
  const raw = (request: string) => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(request)
    return text(socket)
  }
  return { server, lines, raw }
}

/** A request as it goes over the wire; the connection ends with the answer. */
function request(line: string, headers: readonly string[], body = ''): string {
  const fields = ['host: here', 'connection: close', `content-length: ${body.length}`, ...headers]
  return `${line} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body}`
}

const json = 'content-type: application/json'
const asked: readonly [string, number][] = [shop, administrator, wrong].flatMap(
  (secret): [string, number][] => {
    const isKnown = secret !== wrong
    const key = `x-api-key: ${secret}`
    return [
      [request(`GET ${path}`, [key]), isKnown ? 404 : 401],
      [request(`HEAD ${path}`, [key]), isKnown ? 404 : 401],
      [request(`POST ${path}/adjust`, [key, json], '{"delta":1,'), isKnown ? 400 : 401],
      [request(`POST ${path}/adjust`, [key, json], `{"delta":"${secret}"}`), isKnown ? 400 : 401],
      [request(`POST ${path}/adjust`, [key, 'content-type: text/plain'], secret), isKnown ? 415 : 401],
      [request(`GET ${path}`, [key, key]), 401],
      [request(`GET ${path}`, [`x-api-key: ${secret} ${secret}`]), 401],
      [request(`GET ${path}`, [`authorization: Bearer ${secret}`]), 401],
      [request(`GET ${path}`, [`cookie: key=${secret}`]), 401],
      [request(`GET ${path}?api_key=${secret}`, []), 401],
      [request(`GET ${path}?api_key=${secret}`, [key]), isKnown ? 404 : 401],
      [request(`GET ${path}/events?limit=${secret}`, [key]), isKnown ? 400 : 401],
      [request(`GET /nowhere?api_key=${secret}`, [key]), 404],
      [request(`GET /%zz?api_key=${secret}`, [key]), 400],
      [request(`GET /health?api_key=${secret}`, [key]), 200],
      [request(`GET /documentation/json?api_key=${secret}`, [key]), 200],
      [request(`GET ${path}`, [`x-api-key: ${secret}\u0001`]), 400],
      [request(`GET ${path}`, [key, `x-filler: ${'x'.repeat(17_000)}`]), 431],
      [`GET ${path} HTTP/9\r\nx-api-key: ${secret}\r\n\r\n`, 400]
    ]
  }
)

t.test('no key comes into the log or into an answer, good or bad, however it was sent', async (t) => {
  const { lines, raw } = await logged(t, { RATE_LIMIT_ENABLED: 'false' }, new MemoryLedger())
  for (const [sent, status] of asked) {
    const answered = await raw(sent)
    const shown = JSON.stringify(sent.slice(0, 120))
    t.equal(answered.split(' ', 2)[1], String(status), shown)
    t.notMatch(answered, /secret/, shown)
  }
  const log = lines.join('')
  t.ok(lines.length > asked.length * 0.75, 'requests were logged, but those that never became any')
  t.notMatch(log, /secret/)
  t.match(log, `"url":"${path}"`, 'with their path')
  t.match(log, /"caller":"[0-9a-f]{16}","res":\{"statusCode":404\}/, 'and who sent them')
})

t.test('nor where the service fails', async (t) => {
  const ledger = new MemoryLedger()
  ledger.get = () => Promise.reject(new Error('the disk is on fire'))
  const { lines, raw } = await logged(t, {}, ledger)
  const answered = await raw(request(`GET ${path}?api_key=${wrong}`, [`x-api-key: ${shop}`]))
  t.match(answered, /^HTTP\/1.1 500 /)
  t.notMatch(answered, /secret/)
  const log = lines.join('')
  t.match(log, /"level":50.*"caller":"[0-9a-f]{16}".*the disk is on fire/)
  t.notMatch(log, /secret/)
})

t.test('nor if somebody logs the headers of a request', async (t) => {
  const { server, lines } = await logged(t, {}, new MemoryLedger())
  server.log.info({ headers: { 'x-api-key': shop, accept: '*/*' } }, 'a stranger came')
  t.match(lines.at(-1), /"headers":\{"x-api-key":"\[Redacted\]","accept":"\*\/\*"\}/)
})

t.test('nor into the ledger, where answers are remembered under it', async (t) => {
  const folder = ownFolder(t)
  const { server, raw } = await logged(t, { DATA_DIR: folder })
  const headers = [json, `x-api-key: ${shop}`, 'idempotency-key: till-4']
  t.match(await raw(request(`POST ${path}/adjust`, headers, '{"delta":5}')), /^HTTP\/1.1 200 /)
  await server.close()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile()
  )
  const written = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('')
  t.match(written, /"[0-9a-f]{16} till-4"/, 'its scope is the digest')
  t.notMatch(written, /secret/)
})
