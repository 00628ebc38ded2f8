import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { exchange } from '../hostile/raw-http.ts'

const adjust = '/api/inventory/stores/S1/inventory/K1/adjust'
const body = '{"delta":5}'
const length = `content-length: ${body.length}`

/** A service that listens, and the answers that it gives to the lines of one connection. */
async function start(t: Test) {
  const ledger = new MemoryLedger()
  const server = await buildServer(loadConfiguration({}), { ledger })
  t.teardown(() => server.close())
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const ask = async (...lines: readonly string[]) => {
    const { answers } = await exchange(port, Buffer.from(lines.join('\r\n'), 'latin1'), ['POST'], false)
    return answers.map(({ statusCode, body }) => [statusCode, JSON.parse(body) as unknown] as const)
  }
  return { ask, ledger }
}

const post = (...headers: readonly string[]) => [
  `POST ${adjust} HTTP/1.1`,
  ...headers,
  'content-type: application/json',
  length,
  '',
  body
]

t.test('HTTP/1.1 without Host is refused in the envelope, HTTP/1.0 is not', async (t) => {
  const { ask, ledger } = await start(t)
  const [refused] = await ask(...post('connection: close'))
  t.equal(refused?.[0], 400)
  t.match(refused?.[1], { success: false, error: { details: [{ in: 'header', field: 'Host' }] } })
  t.equal(ledger.health().sequence, 0)
  const [, ...rest] = post()
  t.match(await ask(`POST ${adjust} HTTP/1.0`, ...rest), [[200, { newQuantity: 5 }]])
})

t.test('an expectation that nobody knows is no reason to say nothing', async (t) => {
  const { ask } = await start(t)
  t.match(await ask(...post('host: a', 'expect: a miracle', 'connection: close')), [
    [200, { newQuantity: 5 }]
  ])
  t.match(await ask(...post('host: a', 'expect: 100-continue', 'connection: close')), [
    [200, { newQuantity: 10 }]
  ])
})

t.test('what was asked before rubbish on the same connection is answered first', async (t) => {
  const { ask, ledger } = await start(t)
  const rubbish = 'no request\r\n\r\n'
  const answers = await ask(...post('host: a'), rubbish)
  t.match(answers, [
    [200, { newQuantity: 5 }],
    [400, { success: false, error: { message: 'The request is not HTTP' } }]
  ])
  t.equal(answers.length, 2)
  t.match(await ask(...post('host: a', 'connection: close'), rubbish), [[200, { newQuantity: 10 }]])
  t.equal(ledger.health().sequence, 2)
})

t.test('a body that breaks off is answered at once', async (t) => {
  const { ask, ledger } = await start(t)
  const chunked = [
    `POST ${adjust} HTTP/1.1`,
    'host: a',
    'content-type: application/json',
    'transfer-encoding: chunked'
  ]
  t.match(await ask(...chunked, '', 'not a size', body), [[400, { error: { code: 'VALIDATION_ERROR' } }]])
  t.equal(ledger.health().sequence, 0)
})
