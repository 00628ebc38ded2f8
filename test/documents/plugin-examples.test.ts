import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { blocksOf } from './markdown.ts'
import { Application } from './plugin-examples.ts'

// The examples of README.md for the application of somebody else: each is compiled, run and asked.
const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
const blocks = blocksOf(readme).filter(({ language }) => language === 'ts')

function exampleOf(imported: string): string {
  const found = blocks.filter(({ text }) => text.includes(`from '${imported}'`))
  if (found.length !== 1) throw new Error(`README.md has ${found.length} examples of ${imported}`)
  return found[0]?.text ?? ''
}

const json = { 'content-type': 'application/json' }
const application = await Application.make({
  service: exampleOf('bincard'),
  store: exampleOf('bincard/wal-store'),
  preconditions: exampleOf('bincard/preconditions'),
  idempotency: exampleOf('bincard/idempotency'),
  metrics: exampleOf('bincard/metrics'),
  leases: exampleOf('bincard/lease-locks'),
  schedule: exampleOf('bincard/sync-scheduler')
})
t.teardown(() => application.remove())

t.test('there is no example but those tried here, and the compiler finds no fault in them', async (t) => {
  t.equal(blocks.length, 7)
  t.equal(await application.compile(), '')
})

t.test('the service in another application', async (t) => {
  await application.run('service', async (url) => {
    const record = `${url}/stock/api/inventory/stores/S1/inventory/K1`
    t.equal((await fetch(record)).status, 404)
    const adjusted = await fetch(`${record}/adjust`, { method: 'POST', headers: json, body: '{"delta":5}' })
    t.match(await adjusted.json(), { newQuantity: 5, newVersion: 1 })
  })
  await application.run('service', async (url) => {
    const read = await fetch(`${url}/stock/api/inventory/stores/S1/inventory/K1`)
    t.match(await read.json(), { qty: 5 }, 'and its ledger is still there after a kill')
  })
})

t.test('the ledger alone in another application', async (t) => {
  const move = async (url: string, delta: number) => {
    const answer = await fetch(`${url}/bins/M4`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ delta })
    })
    return { status: answer.status, body: await answer.json() }
  }
  await application.run('store', async (url) => {
    t.strictSame(await move(url, 5), { status: 200, body: { left: 5 } })
  })
  await application.run('store', async (url) => {
    t.match(await move(url, -6), { status: 422, body: { refusal: { code: 'insufficient_stock' } } })
    t.strictSame(await move(url, -2), { status: 200, body: { left: 3 } }, 'it is there after a kill')
  })
})

t.test('preconditions in another application', async (t) => {
  await application.run('preconditions', async (url) => {
    const put = (tag: string) =>
      fetch(`${url}/price`, { method: 'PUT', headers: { ...json, 'if-match': tag }, body: '{"cents":599}' })
    t.equal((await fetch(`${url}/price`)).headers.get('etag'), '"1"')
    t.equal((await fetch(`${url}/price`, { headers: { 'if-none-match': '"1"' } })).status, 304)
    t.equal((await put('"1"')).headers.get('etag'), '"2"')
    t.equal((await put('"1"')).status, 412)
    t.equal((await put('1')).status, 400)
  })
})

t.test('idempotency keys in another application', async (t) => {
  await application.run('idempotency', async (url) => {
    const pay = (key: string) =>
      fetch(`${url}/payments`, { method: 'POST', headers: { 'idempotency-key': key } })
    t.strictSame(await (await pay('one')).json(), { payment: 1 })
    const again = await pay('one')
    t.equal(again.status, 201)
    t.equal(again.headers.get('idempotency-replayed'), 'true')
    t.strictSame(await again.json(), { payment: 1 })
    t.strictSame(await (await pay('two')).json(), { payment: 2 })
  })
})

t.test('metrics in another application', async (t) => {
  await application.run('metrics', async (url) => {
    for (const article of ['mug', 'plate']) await fetch(`${url}/price/${article}`)
    const scraped = await (await fetch(`${url}/metrics`)).text()
    t.match(scraped, '\nshop_api_requests_total{endpoint="/price/:article",method="GET"} 2\n')
  })
})

t.test('leases in another application', async (t) => {
  await application.run('leases', async (url) => {
    const print = (name: string) => fetch(`${url}/printers/${name}/pages`, { method: 'POST' })
    const [first, second, other] = await Promise.all([print('attic'), print('attic'), print('cellar')])
    t.strictSame([first.status, second.status].sort(), [200, 503])
    const refused = first.status === 503 ? first : second
    t.equal(refused.headers.get('x-lock-key'), 'attic')
    t.strictSame(await other.json(), { printed: 'cellar' })
    t.strictSame(await (await print('attic')).json(), { printed: 'attic' }, 'and later it is free')
  })
})

t.test('a job in another application', async (t) => {
  await application.run('schedule', async (url) => {
    const post = async (path: string) => await (await fetch(`${url}/${path}`, { method: 'POST' })).json()
    t.match(await post('count'), { counted: 0 })
    t.strictSame(await post('changes'), { changes: 1 })
    t.match(await post('count'), { counted: 1 })
  })
})
