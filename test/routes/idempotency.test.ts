import t, { type Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import { until } from '../adapters/sync/manual-clock.ts'
import { freshKey, recordPath, startService, type TestService } from './service.ts'

const operation = (name: string) => recordPath('S1', 'K1', name)
const movements = '/api/inventory/movements'
const version = async (service: TestService) =>
  (await service.get(recordPath('S1', 'K1'))).json<{ version: number }>().version

interface Case {
  readonly name: string
  readonly url: string
  readonly body: object
}

/** A request of each operation on a record with 20 units, 4 of them reserved. */
async function cases(service: TestService): Promise<Case[]> {
  await service.post(operation('adjust'), { delta: 20 })
  const reserved = await service.post(operation('reserve'), { qty: 4 })
  const { reservation } = reserved.json<{ reservation: { id: string } }>()
  const resolution = { reservationId: reservation.id, qty: 1 }
  const lines = [
    { type: 'adjust', storeId: 'S1', sku: 'K1', delta: 1 },
    { type: 'reserve', storeId: 'S1', sku: 'K1', qty: 1, ttlMs: 60_000 },
    { type: 'adjust', storeId: 'S1', sku: 'K1', delta: -1000 }
  ]
  return [
    { name: 'adjust', url: operation('adjust'), body: { delta: 2 } },
    { name: 'reserve', url: operation('reserve'), body: { qty: 2, ttlMs: 60_000 } },
    { name: 'release', url: operation('release'), body: resolution },
    { name: 'commit', url: operation('commit'), body: resolution },
    { name: 'extend', url: operation(`reservations/${reservation.id}/extend`), body: { ttlMs: 60_000 } },
    { name: 'movements', url: movements, body: { movements: lines } },
    { name: 'atomic movements', url: movements, body: { movements: lines.slice(0, 2), atomic: true } },
    { name: 'refused adjust', url: operation('adjust'), body: { delta: -1000 } },
    { name: 'refused version', url: operation('adjust'), body: { delta: 1, expectedVersion: 1 } },
    { name: 'refused release', url: operation('release'), body: { reservationId: 'nobody' } },
    { name: 'refused atomic movements', url: movements, body: { movements: lines, atomic: true } }
  ]
}

function sameAnswer(t: Test, again: LightMyRequestResponse, first: LightMyRequestResponse): void {
  t.equal(again.statusCode, first.statusCode)
  t.equal(again.body, first.body, 'byte for byte')
  t.equal(again.headers.etag, first.headers.etag)
  t.equal(again.headers['idempotency-replayed'], 'true')
}

t.test('the same key gets the first answer again, on every operation, whatever came between', async (t) => {
  const service = await startService(t)
  for (const { name, url, body } of await cases(service)) {
    await t.test(name, async (t) => {
      const key = freshKey()
      const first = await service.post(url, body, key)
      t.equal(first.headers['idempotency-replayed'], undefined)
      const before = await version(service)
      service.now += 1000
      await service.post(operation('adjust'), { delta: 1 })
      sameAnswer(t, await service.post(url, body, key), first)
      t.equal(await version(service), before + 1, 'and is not applied again')
      const replayedAgain = await service.post(url, JSON.stringify(body).replace('{', '{ '), key)
      sameAnswer(t, replayedAgain, first)
    })
  }
})

t.test('the same key with another request is refused, and the first answer stays', async (t) => {
  const service = await startService(t)
  for (const { name, url, body } of await cases(service)) {
    await t.test(name, async (t) => {
      const key = freshKey()
      const first = await service.post(url, body, key)
      for (const [other, otherBody, headers] of [
        [url, { ...body, reference: 'other' }, {}],
        [operation('adjust'), { delta: 7 }, {}],
        [recordPath('S1', 'other', 'adjust'), { delta: 2 }, {}],
        [operation('adjust'), { delta: 2 }, { 'if-match': '*' }]
      ] as const) {
        const refused = await service.post(other, otherBody, { ...key, ...headers })
        if (refused.statusCode === 400) continue
        t.equal(refused.statusCode, 409)
        t.match(refused.json(), {
          error: {
            name: 'IdempotencyConflictError',
            code: 'IDEMPOTENCY_CONFLICT_ERROR',
            message: new RegExp(key['idempotency-key'])
          }
        })
      }
      sameAnswer(t, await service.post(url, body, key), first)
    })
  }
})

t.test('an older path is the same request', async (t) => {
  const service = await startService(t)
  const key = freshKey()
  const first = await service.post('/stores/S1/inventory/K1/adjust', { delta: 5 }, key)
  sameAnswer(t, await service.post('/api/stores/S1/inventory/K1/adjust', { delta: 5 }, key), first)
  sameAnswer(t, await service.post(operation('adjust'), { delta: 5 }, key), first)
  sameAnswer(t, await service.post('/stores/%53%31/inventory/K%31/adjust', { delta: 5 }, key), first)
})

t.test('two at once are one', async (t) => {
  const service = await startService(t)
  const key = freshKey()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => service.post(operation('adjust'), { delta: 5 }, key))
  )
  t.equal(new Set(answers.map(({ body }) => body)).size, 1)
  t.equal(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length, 9)
  t.match((await service.get(recordPath('S1', 'K1'))).json(), { qty: 5, version: 1 })
})

t.test('a request that was wrong may come again, corrected, under its key', async (t) => {
  const service = await startService(t)
  const key = freshKey()
  t.equal((await service.post(operation('adjust'), { delta: 'x' }, key)).statusCode, 400)
  t.equal(
    (await service.post(operation('adjust'), { delta: 1 }, { ...key, 'if-match': 'x' })).statusCode,
    400
  )
  t.equal((await service.post(operation('adjust'), { delta: 1 }, key)).statusCode, 200)
})

t.test('an answer is remembered for its time, then the key is free', async (t) => {
  const service = await startService(t, { configuration: { idempotencyTtlMs: 60_000 } })
  const key = freshKey()
  const first = await service.post(operation('adjust'), { delta: 5 }, key)
  service.now += 59_999
  sameAnswer(t, await service.post(operation('adjust'), { delta: 5 }, key), first)
  service.now += 2
  const later = await service.post(operation('adjust'), { delta: 5 }, key)
  t.equal(later.headers['idempotency-replayed'], undefined)
  t.match(later.json(), { newQuantity: 10, newVersion: 2 })
})

t.test('where nobody writes, the cleanup lets keys go whose time has passed', async (t) => {
  const start = (idempotencyCleanupIntervalMs: number) =>
    startService(t, { configuration: { idempotencyTtlMs: 60_000, idempotencyCleanupIntervalMs } })
  const [often, seldom] = [await start(20), await start(86_400_000)]
  for (const service of [often, seldom]) {
    await service.post(operation('adjust'), { delta: 5 }, freshKey())
    service.now += 120_000
  }
  await until(() => often.ledger.figures().rememberedKeys === 0)
  t.equal(often.ledger.health().sequence, 1, 'it is no event')
  t.equal(seldom.ledger.figures().rememberedKeys, 1)
})

t.test('keys that are none', async (t) => {
  const service = await startService(t)
  for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
    const answered = await service.post(operation('adjust'), { delta: 1 }, { 'idempotency-key': key })
    t.equal(answered.statusCode, 400, JSON.stringify(key))
    t.match(answered.json(), {
      error: { name: 'ValidationError', details: [{ in: 'header', field: 'Idempotency-Key' }] }
    })
  }
  const longest = { 'idempotency-key': '!'.repeat(255) }
  t.equal((await service.post(operation('adjust'), { delta: 1 }, longest)).statusCode, 200)
})
