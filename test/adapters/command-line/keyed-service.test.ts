import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { COLUMNS, run, TestPace } from './import-run.ts'

const ROWS = 'store,sku,quantity\nA,x,1\nA,x,2\nA,y,3\n'

t.test('a service that needs a key gets the rows with one only', async (t) => {
  const ledger = new MemoryLedger()
  const configuration = loadConfiguration({ API_KEYS: 'key-of-a-shop', PORT: '0' })
  const server = await buildServer(configuration, { ledger })
  t.teardown(() => server.close())
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  const folder = t.testdir({ 'in.csv': ROWS })
  const args = [`${folder}/in.csv`, '--url', url, ...COLUMNS]

  for (const [env, message] of [
    [{}, /the server answered 401: An API key is needed.*: set BINCARD_API_KEY to a key of this service/],
    [{ BINCARD_API_KEY: 'wrong' }, /the server answered 401: The API key .* is not known here: set BINCARD/]
  ] as const) {
    const pace = new TestPace()
    const { code, err } = await run(args, pace, { env })
    t.equal(code, 1)
    t.match(err, message)
    t.strictSame(pace.waits, [], 'it does not knock again')
  }
  t.equal(ledger.health().sequence, 0)

  const { code } = await run(args, new TestPace(), { env: { BINCARD_API_KEY: 'key-of-a-shop' } })
  t.equal(code, 0, 'the same command goes on')
  t.match(await ledger.get('A', 'x', Date.now()), { qty: 3, version: 2 })
})
