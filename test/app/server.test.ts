import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { startLine } from '../../plugins/configuration/start-line.ts'
import { serverProgram } from '../processes/programs.ts'
import { ownFolder } from '../processes/own-folder.ts'

const lineAtStart =
  /^Bincard listens on (http:\/\/127\.0\.0\.1:\d+), .*documentation at \1\/documentation, .*ledger in (.+)\n$/

/** The service as a process of its own, in a folder of its own, with these variables and none of the test's. */
function start(t: Test, variables: Record<string, string>, cwd = ownFolder(t)): ChildProcess {
  const child = spawn(process.execPath, [serverProgram], {
    cwd,
    env: { PATH: process.env['PATH'], ...variables }
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    if (said.includes('\n')) break
  }
  return said
}

t.test('a server starts with one line, serves, and ends with 0 on SIGTERM', async (t) => {
  const data = ownFolder(t)
  const child = start(t, { PORT: '0', LOG_LEVEL: 'warn', DATA_DIR: data })
  const exited = once(child, 'exit')
  const line = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (chunk) => resolve(String(chunk)))
  )
  t.match(line, lineAtStart)
  t.equal(admissionIn(line), 'open to callers without a key')
  const [, url = '', place] = lineAtStart.exec(line) ?? []
  t.equal(place, data)

  const path = `${url}/api/inventory/stores/STORE001/inventory/SKU123`
  t.match(await (await fetch(path)).json(), { qty: 100, version: 1 })
  const adjusted = await fetch(`${path}/adjust`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"delta":-2}'
  })
  t.equal(adjusted.status, 200)
  t.equal((await fetch(`${url}/documentation/json`)).status, 200)
  t.match(await malformed(Number(new URL(url).port)), /^HTTP\/1.1 400 .*x-request-id: .*"VALIDATION_ERROR"/s)

  child.kill('SIGTERM')
  t.strictSame(await exited, [0, null])
})

t.test('the line at the start says whom the server lets in', async (t) => {
  const child = start(t, {
    PORT: '0',
    LEDGER_URL: 'memory:',
    API_KEYS: 'secret',
    ADMIN_API_KEYS: 'secret-too'
  })
  const line = await firstLine(child)
  t.equal(admissionIn(line), 'open to callers with a key')
  t.notMatch(line, /secret/)
  const port = /:(\d+), /.exec(line)?.[1] ?? ''
  t.equal((await fetch(`http://127.0.0.1:${port}/api/inventory/stores/S1/inventory`)).status, 401)
  child.kill('SIGKILL')

  const unruled = loadConfiguration({ API_KEYS: 'secret', ALLOW_ANONYMOUS: 'true' })
  const address = { address: '127.0.0.1', family: 'IPv4', port: 3000 }
  t.equal(
    admissionIn(startLine(address, unruled, 'no metrics')),
    'open to callers with a key but, without ADMIN_API_KEYS, to no administrator'
  )
})

function admissionIn(line: string): string | undefined {
  return / listens on [^,]*, (.*), documentation at /.exec(line)?.[1]
}

/** What the server says to a client that does not speak HTTP. */
async function malformed(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write('this is not HTTP\r\n\r\n')
  return text(socket)
}

t.test('a start that fails is one line and exit code 1', async (t) => {
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  t.teardown(() => occupied.close())
  const { port } = occupied.address() as AddressInfo
  const damaged = ownFolder(t)
  writeFileSync(join(damaged, 'stock.json'), '{"records":[{}]}')

  for (const [variables, line] of [
    [
      { HOST: '0.0.0.0' },
      /^Bincard did not start: HOST is "0\.0\.0\.0"; [^\n]*ALLOW_ANONYMOUS=true[^\n]*\n$/
    ],
    [
      { API_KEYS: 'secret,,secret' },
      /^Bincard did not start: API_KEYS is a list whose key number 2 of 3 is none;[^\n]*\n$/
    ],
    [{ LEDGER_URL: 'memory:', PORT: String(port) }, /^Bincard did not start: [^\n]*EADDRINUSE[^\n]*\n$/],
    [
      { LEDGER_URL: 'memory:', PORT: '0', DATA_PATH: join(damaged, 'stock.json') },
      /^Bincard did not start: DATA_PATH is "[^\n]*\/records\/0[^\n]*\n$/
    ],
    [
      { PORT: '0', DATA_DIR: join(damaged, 'stock.json') },
      /^Bincard did not start: [^\n]*stock\.json[^\n]*\n$/
    ]
  ] as const) {
    const child = start(t, variables)
    const [said, complaint, [code]] = await Promise.all([
      text(child.stdout ?? process.stdin),
      text(child.stderr ?? process.stdin),
      once(child, 'exit')
    ])
    t.equal(code, 1, JSON.stringify(variables))
    t.match(complaint, line)
    t.equal(said, '')
  }
})

t.test('a .env file is read in development only', async (t) => {
  const place = ownFolder(t)
  writeFileSync(join(place, '.env'), 'PORT=http\n')
  const child = start(t, {}, place)
  t.match(await text(child.stderr ?? process.stdin), /PORT is "http"/)

  const own = start(t, { PORT: 'none' }, place)
  t.match(await text(own.stderr ?? process.stdin), /PORT is "none"/, 'the environment goes before the file')

  const production = start(t, { ENVIRONMENT: 'production', HOST: 'no' }, place)
  t.match(await text(production.stderr ?? process.stdin), /HOST is "no"/)
})
