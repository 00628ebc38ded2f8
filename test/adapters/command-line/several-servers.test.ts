import t from 'tap'
import { Bench, COLUMNS } from './import-run.ts'
import { StockServer } from './stock-server.ts'

const ROWS = 'store,sku,quantity\nA,x,1\nA,x,2\nA,y,3\nA,z,4\nA,y,5\nA,z,6\n'
const FLAGS = [...COLUMNS, '--batch-size', '2', '--concurrency', '1']

t.test('several servers take turns', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const other = new StockServer()
  const otherUrl = await other.listen()
  t.teardown(() => other.close())
  t.equal((await bench.import('in.csv', [...FLAGS, '--url', otherUrl])).code, 0)
  t.equal(bench.server.requests.length, 2)
  t.equal(other.requests.length, 1)
  t.equal(bench.summary().url, `${bench.url}/, ${otherUrl}/`)
})

t.test('a server that is gone is left alone, and none of its turns is lost', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const gone = new StockServer()
  const goneUrl = await gone.listen()
  await gone.close()
  t.equal((await bench.import('in.csv', [...FLAGS, '--url', goneUrl, '--retries', '1'])).code, 0)
  t.strictSame(bench.server.quantities(), { 'A/x': 3, 'A/y': 8, 'A/z': 10 })
  t.equal(bench.pace.waits.length, 1, 'it was asked once')
})

t.test('what one server may have done is looked up at another before it is sent there', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const other = new StockServer()
  const otherUrl = await other.listen()
  t.teardown(() => other.close())
  bench.server.fault = () => 'cut before'
  t.equal((await bench.import('in.csv', [...FLAGS, '--url', otherUrl])).code, 0)
  t.equal(bench.server.requests.length, 1)
  t.equal(bench.server.historyRequests, 0)
  t.equal(other.historyRequests, 1)
  t.strictSame(other.quantities(), { 'A/x': 3, 'A/y': 8, 'A/z': 10 })
})

t.test('the order of the servers makes no other import, another server does', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': ROWS })
  const other = new StockServer()
  const otherUrl = await other.listen()
  t.teardown(() => other.close())
  const journal = ['--journal', bench.path('a.journal')]
  t.equal((await bench.import('in.csv', [...FLAGS, '--url', otherUrl, ...journal])).code, 0)
  const { url } = bench
  bench.url = otherUrl
  const again = await bench.import('in.csv', [...FLAGS, '--url', url, ...journal])
  t.match(again.out, /^Already imported, nothing was sent/)
  const less = await bench.import('in.csv', [...FLAGS, ...journal])
  t.equal(less.code, 1)
  t.match(less.err, /--url was "http:\/\/\S+ http:\/\/\S+" and is "http:/)
})
