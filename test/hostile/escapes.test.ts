// Names and addresses that reach for more than they are given: files, prototypes, lines of the log.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { keptLog } from '../app/kept-log.ts'
import { ownDocument } from './document.ts'
import { operationsOf } from './operations.ts'
import { prototypesText } from './prototypes.ts'
import { exchange } from './raw-http.ts'

interface Sent {
  readonly method?: string
  /** Each character is one byte. */
  readonly target: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** The service on a folder of its own, deep in one of the test, with leases and the most talkative log. */
async function start(t: Test, environment: Record<string, string> = {}) {
  const root = t.testdir({ one: { two: {} } })
  const folder = join(root, 'one', 'two')
  const configuration = loadConfiguration({
    DATA_DIR: join(folder, 'data'),
    DATA_PATH: '',
    LOCKS_ENABLED: 'true',
    LOCK_DIR: join(folder, 'locks'),
    LOG_LEVEL: 'trace',
    RATE_LIMIT_ENABLED: 'false',
    ROLE: 'api',
    ...environment
  })
  const { logging, lines } = keptLog(configuration)
  const server = await buildServer(configuration, {}, logging)
  t.teardown(() => server.close())
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const send = async ({ method = 'GET', target, headers = [], body = '' }: Sent) => {
    const head = [
      `${method} ${target} HTTP/1.1`,
      'host: service',
      'connection: close',
      ...(body === ''
        ? []
        : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
      ...headers
    ]
    const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)])
    const { answers } = await exchange(port, bytes, [method], false)
    const [answer] = answers
    if (answer === undefined) throw new Error(`${target} was not answered`)
    return answer
  }
  return { root, server, lines, send }
}

const names = [
  '.',
  '..',
  '../../escape',
  '..\\..\\escape',
  '/etc/passwd',
  '..%2f..%2fescape',
  '%2e%2e/',
  '%00',
  'x/../../../../escape',
  'file:///etc/passwd',
  'C:\\escape',
  'CON',
  '~root',
  '$(touch escape)',
  '`touch escape`',
  '-rf',
  '*',
  'ledger.json',
  'tokens',
  'a.lock',
  'e\u0301',
  '\u202egnp.exe',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  '😀'.repeat(64),
  '/'.repeat(128)
]

/** Every byte as it may stand in a URL, dots too: clients would take those for steps. */
const encoded = (name: string) =>
  [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

t.test('whatever stores, SKUs, products and keys are called, no file is', async (t) => {
  const { root, server, send } = await start(t)
  const before = prototypesText()
  for (const [index, name] of names.entries()) {
    const record = `/api/inventory/stores/${encoded(name)}/inventory/${encoded(name)}`
    const headers = [`idempotency-key: ${/^[!-~]{1,255}$/.test(name) ? name : `key-${index}`}`]
    const adjusted = await send({ method: 'POST', target: `${record}/adjust`, headers, body: '{"delta":3}' })
    t.equal(adjusted.statusCode, 200, name)
    t.match(JSON.parse((await send({ target: record })).body), { storeId: name, sku: name, qty: 3 })
    const products = [{ productId: name, name, available: 2, price: 1 }]
    const created = await send({
      method: 'POST',
      target: '/v1/admin/products/create',
      body: JSON.stringify({ products })
    })
    t.match(JSON.parse(created.body), { summary: { successfulCreations: 1 } }, name)
    t.match(JSON.parse((await send({ target: `/v1/inventory/${encoded(name)}` })).body), { productId: name })
  }
  t.equal(prototypesText(), before)
  await server.close()
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  const own = /^one\/two\/(data\/ledger\.json|data\/log\/[0-9]{16}\.wal|locks\/tokens\/[0-9]{16})$/
  const strange = found.filter((path) => !own.test(path))
  t.strictSame(strange, [], 'no file that the service does not name itself')
  const tokens = found.map((path) => Number(/tokens\/(\d+)$/.exec(path)?.[1] ?? 0))
  t.equal(Math.max(...tokens), 2 * names.length, 'each change took a lease')
})

const ways = [
  '../package.json',
  '../../../package.json',
  '..%2f..%2f..%2fpackage.json',
  '%2e%2e%2f%2e%2e%2fpackage.json',
  '..%5c..%5cpackage.json',
  '..%252f..%252fpackage.json',
  '....//package.json',
  './../package.json',
  'index.html/../../package.json',
  'index.html%00',
  'index.html%00.js',
  '%00',
  '%c0%ae%c0%ae%2fpackage.json',
  `${'%2e%2e%2f'.repeat(12)}etc/passwd`,
  `${'../'.repeat(12)}etc/passwd`,
  '%2fetc%2fpasswd',
  '/etc/passwd',
  'file:///etc/passwd',
  '.git/config',
  '.env'
]

t.test('no address leads to another file than those of the pages', async (t) => {
  const { send } = await start(t)
  for (const folder of ['/', '/console/', '/documentation/', '/documentation/static/']) {
    for (const way of ways) {
      const { statusCode, body } = await send({ target: folder + way })
      t.ok([400, 403, 404].includes(statusCode), `${folder}${way} is answered with ${statusCode}`)
      t.match(JSON.parse(body), { success: false }, `${folder}${way}`)
      t.notMatch(body.replaceAll(way, ''), /root:|"bincard"|node_modules|ENOENT|\/page\//, `${folder}${way}`)
    }
  }
})

t.test('nothing that is sent reaches what all objects have', async (t) => {
  const { server, send } = await start(t)
  const before = prototypesText()
  const polluting = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']
  const queries = ['__proto__[polluted]=1', '__proto__.polluted=1', 'constructor[prototype][polluted]=1']
  queries.push(
    'constructor.prototype.polluted=1',
    '__proto__=1&constructor=1',
    'limit[__proto__][polluted]=1'
  )
  const document = await ownDocument()
  for (const { method, template, body } of operationsOf(document)) {
    const target = template.replaceAll(/\{[^}]+\}/g, '__proto__')
    for (const query of queries) {
      const answer = await server.inject({ method: method as 'GET', url: `${target}?${query}` })
      t.ok(answer.statusCode < 500, `${method} ${target}?${query}`)
    }
    if (body === undefined) continue
    const lists = Object.keys(body.properties ?? {}).flatMap((name) =>
      polluting.map((one) => `{"${name}":[${one}],"other":${one}}`)
    )
    for (const payload of [...polluting, ...polluting.map((one) => `[${one}]`), ...lists]) {
      const answer = await send({ method, target, body: payload })
      t.equal(answer.statusCode, 400, `${method} ${target} ${payload}`)
    }
  }
  const headers = ['__proto__: polluted', 'constructor: polluted', 'cookie: __proto__=1; constructor=1']
  t.equal((await send({ target: '/api/health', headers })).statusCode, 200)
  t.equal(prototypesText(), before)
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
  t.equal((await server.inject('/v1/inventory/events?offset=1')).json<{ count: number }>().count, 0)
})

t.test('a line of the log stays one line, whatever is logged', async (t) => {
  const { server, lines, send } = await start(t, { TRUST_PROXY: 'true' })
  const forged = '\n{"level":30,"msg":"forged"}\n\u001b[2J\u009b31m\u2028\r\u0000'
  const record = '/api/inventory/stores/S/inventory'
  // What HTTP lets through in a header, and who is asked for by proxies.
  const odd = '\u009b2J\u0085"},\t"msg":"forged"}'
  const headers = ['x-forwarded-host', 'x-forwarded-for', 'user-agent', 'origin'].map(
    (name) => `${name}: ${odd}`
  )
  for (const target of [
    `/${encoded(forged)}`,
    `${record}/${encoded(forged)}`,
    `${record}?a=${encoded(forged)}`
  ]) {
    t.ok(
      (await send({ target, headers: [...headers, 'x-request-id: "}{"msg":"forged"}'] })).statusCode >= 400
    )
    t.ok((await send({ target, headers: [...headers, `x-request-id: ${odd}`] })).statusCode >= 400)
  }
  for (const target of [`/${odd}`, `/%zz${encoded(forged)}`]) {
    t.equal((await send({ target, headers })).statusCode, 400)
  }
  const remark = { delta: 1, reason: '\u2028"}', reference: '{"msg":"forged"}' }
  for (const body of [{ delta: 1, reason: forged }, remark, forged].map((value) => JSON.stringify(value))) {
    await send({ method: 'POST', target: `${record}/K/adjust`, body })
  }
  server.log.error({ err: new Error(forged) }, 'a library says what it was given')
  t.ok(lines.length >= 10, 'requests were logged')
  t.match(lines.join(''), /"host":".+forged/, 'with what a proxy is said to have been asked for')
  for (const line of lines) {
    t.match(line, /^[^\u0000-\u001f\u007f]+\n$/)
    t.not((JSON.parse(line) as { msg: string }).msg, 'forged')
  }
})
