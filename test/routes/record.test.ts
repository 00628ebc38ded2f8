import t from 'tap'
import { recordPath, startService } from './service.ts'

const path = recordPath('S1', 'K1')

t.test('a record is read bare, with its version as ETag', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await service.post(`${path}/adjust`, { delta: 7 })
  const answered = await service.get(path)
  t.equal(answered.statusCode, 200)
  t.equal(answered.headers.etag, '"1"')
  t.strictSame(answered.json(), {
    storeId: 'S1',
    sku: 'K1',
    qty: 7,
    reserved: 0,
    version: 1,
    updatedAt: '2026-01-15T09:30:00.000Z'
  })
})

t.test('a reader that has the version is told so', async (t) => {
  const service = await startService(t)
  await service.post(`${path}/adjust`, { delta: 7 })
  for (const tags of ['"1"', '*', 'W/"1"', '"9", "1"']) {
    const answered = await service.get(path, { 'if-none-match': tags })
    t.equal(answered.statusCode, 304, tags)
    t.equal(answered.headers.etag, '"1"')
    t.equal(answered.body, '')
  }
  t.equal((await service.get(path, { 'if-none-match': '"2"' })).statusCode, 200)
  t.equal((await service.get(path, { 'if-none-match': '1' })).statusCode, 400, 'a tag has its quotes')
})

t.test('a record that nobody wrote is not there', async (t) => {
  const service = await startService(t)
  const answered = await service.get(path)
  t.equal(answered.statusCode, 404)
  t.match(answered.json(), { error: { name: 'NotFoundError', message: /"K1"/ } })
})

t.test('ids are opaque: nothing is trimmed, folded or taken for a path', async (t) => {
  const service = await startService(t)
  const ids = [
    '85123A',
    '85123a',
    ' leading and trailing ',
    'a/b',
    '..%2F..%2Fetc',
    '../../etc',
    '100%',
    'a?b#c',
    '\u00fc',
    'u\u0308',
    '日本語',
    '__proto__',
    'constructor',
    'adjust',
    'events',
    '💶'.repeat(128),
    'x'.repeat(128),
    '"quoted\\"'
  ]
  for (const [index, id] of ids.entries()) {
    const written = await service.post(recordPath(id, id, 'adjust'), { delta: index + 1 })
    t.equal(written.statusCode, 200, JSON.stringify(id.slice(0, 40)))
  }
  for (const [index, id] of ids.entries()) {
    const read = await service.get(recordPath(id, id))
    t.match(read.json(), { storeId: id, sku: id, qty: index + 1, version: 1 })
  }
})

t.test('ids that no record can have', async (t) => {
  const service = await startService(t)
  for (const id of [
    'x'.repeat(129),
    '💶'.repeat(129),
    'a\u0000b',
    'a\nb',
    '\u007f',
    '\u0085',
    'x'.repeat(3000)
  ]) {
    const answered = await service.get(recordPath('S1', id))
    t.equal(answered.statusCode, 400, JSON.stringify(id.slice(0, 10)))
    t.match(answered.json(), {
      error: {
        name: 'ValidationError',
        details: [{ in: 'path', field: 'sku', reason: /1 to 128 characters/ }]
      }
    })
  }
  for (const url of ['%E0%A4', '%ff', '%', '%zz', '%ed%a0%80']) {
    const answered = await service.get(`/api/inventory/stores/S1/inventory/${url}`)
    t.equal(answered.statusCode, 400, url)
    t.match(answered.json(), { success: false, error: { name: 'ValidationError', statusCode: 400 } })
  }
})
