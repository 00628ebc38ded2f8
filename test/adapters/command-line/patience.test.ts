import t from 'tap'
import { retryAfterMs } from '../../../adapters/command-line/import/client.ts'
import { Bench, COLUMNS } from './import-run.ts'
import type { Fault } from './stock-server.ts'

const ROWS = 'store,sku,quantity\nA,x,1\nA,x,2\nA,y,3\nA,z,4\n'
const FLAGS = [...COLUMNS, '--batch-size', '2', '--concurrency', '1']

t.test(
  '429 and 503 are waited for as long as they ask, then the same batch goes out with the same keys',
  async (t) => {
    const bench = await Bench.open(t, { 'in.csv': ROWS })
    const date = new Date(bench.pace.now() + 8000).toUTCString()
    const faults: (Fault | undefined)[] = [
      { status: 429, retryAfter: '3' },
      { status: 503, retryAfter: date },
      { status: 503, retryAfter: '2' },
      undefined
    ]
    bench.server.fault = (request) => faults[request - 1]
    const { code } = await bench.import('in.csv', [...FLAGS, '--retries', '0'])
    t.equal(code, 0)
    t.strictSame(bench.pace.waits, [3000, 5000, 2000])
    const bodies = bench.server.requests.slice(0, 4).map(({ body }) => JSON.stringify(body))
    t.equal(new Set(bodies).size, 1)
    t.equal(bench.server.keys().length, 4)
  }
)

t.test(
  'a 5xx or a lost connection is retried with growing waits, after a look whether it was applied',
  async (t) => {
    const bench = await Bench.open(t, { 'in.csv': ROWS })
    const faults: Fault[] = ['cut after', { status: 500 }, 'cut before', { status: 503 }]
    bench.server.fault = (request) => {
      bench.server.forgetKeys()
      return faults[request - 1]
    }
    const { code } = await bench.import('in.csv', FLAGS)
    t.equal(code, 0)
    t.strictSame(bench.server.quantities(), { 'A/x': 3, 'A/y': 3, 'A/z': 4 })
    t.equal(bench.server.keys().length, 4, 'nothing was applied twice')
    t.equal(bench.summary().replayed, 2)
    t.equal(bench.pace.waits.length, 4)
    t.strictSame(bench.pace.waits, [150, 150, 300, 600], 'the patience begins anew with each batch')
  }
)

t.test(
  'a row refused in a batch whose answer was lost is not decided again on what came after it',
  async (t) => {
    const rows = 'store,sku,quantity\nA,x,1\nA,x,-5\nA,x,9\n'
    const bench = await Bench.open(t, { 'in.csv': rows })
    bench.server.fault = (request) => {
      bench.server.forgetKeys()
      return request === 1 ? 'cut after' : undefined
    }
    t.equal((await bench.import('in.csv', COLUMNS)).code, 0)
    t.strictSame(bench.server.deltas('A', 'x'), [1, 9])
    t.strictSame(bench.summary().refused.byReason, { REFUSED_EARLIER: 1 })
  }
)

t.test('long waits outlive the keys: then the history is asked before the batch is sent again', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const faults: Fault[] = [
    { status: 503, retryAfter: '10' },
    { status: 503, retryAfter: '60' }
  ]
  bench.server.fault = (request) => faults[request - 1]
  t.equal((await bench.import('in.csv', FLAGS)).code, 0)
  t.equal(bench.server.historyRequests, 1, 'one record in the batch')
  t.equal(bench.server.keys().length, 4)
})

t.test('patience ends after --retries with the reason', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  bench.server.fault = () => ({ status: 500, message: 'no disk' })
  const { code, err, out } = await bench.import('in.csv', [...FLAGS, '--retries', '3'])
  t.equal(code, 1)
  t.equal(bench.server.requests.length, 4)
  t.match(
    err,
    /given up after 3 retries: the server answered 500: no disk; the same command goes on from here/
  )
  t.match(out, /^Failed to import/)
})

t.test('no server at all', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  await bench.server.close()
  const { code, err } = await bench.import('in.csv', [...FLAGS, '--retries', '2'])
  t.equal(code, 1)
  t.match(err, /given up after 2 retries: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/)
})

t.test('a 4xx stops the import with the server’s own words', async (t) => {
  const advice = new Map([
    [401, ': set BINCARD_API_KEY to a key of this service'],
    [403, ': the key in BINCARD_API_KEY does not open this']
  ])
  for (const status of [400, 401, 403, 404, 409, 413]) {
    const bench = await Bench.open(t, { 'in.csv': ROWS })
    bench.server.fault = () => ({ status, message: 'not like this' })
    const { code, err } = await bench.import('in.csv', FLAGS)
    t.equal(code, 1)
    t.match(err, `the server answered ${status}: not like this${advice.get(status) ?? ''}; the same command`)
    t.equal(bench.server.requests.length, 1)
    t.strictSame(bench.summary().applied.rows, 0)
    await bench.server.close()
  }
})

t.test('a signal ends a wait at once', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const stop = new AbortController()
  bench.server.fault = () => ({ status: 503, retryAfter: '3600' })
  bench.pace.onWait = () => {
    stop.abort()
  }
  const { code, out } = await bench.import('in.csv', FLAGS, { stop: stop.signal })
  t.equal(code, 1)
  t.match(out, /^Stopped importing/)
  t.equal(bench.server.requests.length, 1)
})

t.test('the API key of the environment goes with every request and is never shown', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  bench.server.fault = (request) => {
    bench.server.forgetKeys()
    return request === 1 ? 'cut after' : undefined
  }
  const { code, out, err } = await bench.import('in.csv', FLAGS, { env: { BINCARD_API_KEY: 'secret' } })
  t.equal(code, 0)
  t.ok(bench.server.historyRequests > 0, 'it asked for history as well')
  t.strictSame([...new Set(bench.server.apiKeys)], ['secret'])
  for (const shown of [out, err, bench.read('in.csv.journal.ndjson'), bench.read('summary.json')]) {
    t.notMatch(shown, /secret/)
  }
  const other = await Bench.open(t, { 'in.csv': ROWS })
  t.equal((await other.import('in.csv', FLAGS, { env: { BINCARD_API_KEY: '' } })).code, 0)
  t.strictSame([...new Set(other.server.apiKeys)], [undefined], 'an empty one is none')
})

t.test('Retry-After is seconds or a date (RFC 9110, section 10.2.3)', async (t) => {
  const now = Date.parse('2026-01-15T09:30:00.000Z')
  const table: [string | null, number | undefined][] = [
    ['0', 0],
    ['120', 120_000],
    ['Thu, 15 Jan 2026 09:30:07 GMT', 7000],
    ['Thursday, 15-Jan-26 09:30:07 GMT', 7000],
    ['Thu Jan 15 09:30:07 2026 GMT', 7000],
    ['Thu, 15 Jan 2026 09:29:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-01-15T09:30:07Z', undefined],
    ['', undefined],
    [null, undefined]
  ]
  for (const [header, expected] of table) t.equal(retryAfterMs(header, now), expected, String(header))
})
