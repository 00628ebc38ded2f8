import fc from 'fast-check'
import t from 'tap'
import type { Command } from '../../domain/commands.ts'
import { ResponseValidation } from '../openapi/response-validation.ts'
import { ownDocument } from './document.ts'
import { AnswerCheck } from './answer-check.ts'
import { bodyMutations } from './body-mutations.ts'
import { claimsOf, requireClaimed } from './claims.ts'
import { payloadOf, type HttpRequest } from './http-request.ts'
import { LedgerWitness, WatchedLedger } from './ledger-witness.ts'
import { parse } from './raw-http.ts'
import { Repetition } from './repetition.ts'
import { RequestCheck } from './request-check.ts'

const record = { storeId: 'S1', sku: 'K1' }
const adjust = (delta: number): Command => ({ type: 'adjust', ...record, delta })

async function witnessed(...commands: readonly Command[]) {
  const ledger = new WatchedLedger()
  const witness = new LedgerWitness(ledger)
  await ledger.execute({ at: 1000, atomic: false, lines: commands.map((command) => ({ command })) })
  return { ledger, witness, events: await witness.events() }
}

t.test('a change that no answer speaks of, and an answer that speaks of none', async (t) => {
  const { witness, events } = await witnessed(adjust(5))
  const claimed = (answer: object, request: object = { delta: 5 }) =>
    requireClaimed(events, claimsOf(request, answer, false, 'central'), witness)
  const answer = { success: true, newQuantity: 5, newVersion: 1, record }
  t.doesNotThrow(() => claimed(answer))
  t.doesNotThrow(() => claimed({ results: [{ ...record, applied: true, newQuantity: 5, newVersion: 1 }] }))
  t.throws(() => claimed({ ...answer, newVersion: 2 }), /does not speak of/)
  t.throws(() => claimed({ ...answer, record: { ...record, sku: 'k1' } }), /does not speak of/)
  t.throws(() => claimed({ results: [{ ...record, applied: false, newVersion: 1 }] }), /does not speak of/)
  t.throws(() => claimed({ ...answer, newQuantity: 6 }), /is not what was claimed/)
  t.throws(() => claimed(answer, { delta: 6 }), /is not what was claimed/)
  const nothing = (request: object) =>
    requireClaimed([], claimsOf(request, answer, false, 'central'), witness)
  t.throws(() => nothing({ delta: 5 }), /no event is/)
  t.doesNotThrow(() => nothing({ delta: 5, idempotencyKey: 'k' }), 'an earlier request did it')
})

t.test('a ledger that holds something else than its events say', async (t) => {
  const { ledger, witness } = await witnessed(adjust(5))
  await t.resolves(witness.events())
  const list = ledger.list.bind(ledger)
  ledger.list = async (query, at) => {
    const page = await list(query, at)
    return { ...page, records: page.records.map((one) => ({ ...one, qty: one.qty + 1 })) }
  }
  await t.rejects(witness.events(true), /store "S1" holds/)
  await ledger.execute({ at: 2000, atomic: false, lines: [{ command: adjust(-9) }] })
  await t.rejects(witness.events(), /store "S1" holds/, 'a refused unit named the store')
  const looks = async () => {
    for (let look = 0; look < 100; look++) await witness.events()
  }
  await t.rejects(looks(), /store "S1" holds/, 'sooner or later every store is looked at')
  ledger.list = list
  await t.resolves(looks())
  const figures = ledger.figures.bind(ledger)
  ledger.figures = () => ({ ...figures(), records: 2 })
  await t.rejects(witness.events(), /2 records instead of 1/, 'a record of no known store')
  ledger.figures = () => ({ ...figures(), openReservations: 1 })
  await t.rejects(witness.events(), /1 open reservations instead of 0/)
  ledger.figures = figures
  await ledger.execute({ at: 2000, atomic: false, lines: [{ command: adjust(-1) }] })
  ledger.read = async () => []
  await t.rejects(witness.events(), /number of events/)
})

t.test('an answer that the document does not have', async (t) => {
  const document = await ownDocument()
  const check = new AnswerCheck(new ResponseValidation(document), new RequestCheck(document))
  const request: HttpRequest = { method: 'GET', path: '/api/health/liveness', query: '', headers: [] }
  const headers = { 'content-type': 'application/json', 'x-request-id': 'r' }
  const alive = { statusCode: 200, headers, body: '{"status":"ok"}' }
  t.doesNotThrow(() => check.check(request, alive, 'valid'))
  t.throws(() => check.check(request, { ...alive, statusCode: 500 }, 'malformed'), /the answer is 500/)
  t.throws(() => check.check(request, { ...alive, body: '{}' }, 'mutated'), /required/)
  t.throws(() => check.check(request, { ...alive, headers: {} }, 'valid'), /x-request-id/)
  const named: HttpRequest = { ...request, headers: [['x-request-id', 'mine']] }
  t.throws(() => check.check(named, alive, 'valid'), /not the one that was sent/)
  const empty = { statusCode: 400, headers, body: '' }
  t.throws(() => check.check(request, empty, 'malformed'), 'a refusal without the envelope')
})

t.test('a request that should have been refused', async (t) => {
  const check = new RequestCheck(await ownDocument())
  const path = '/api/inventory/stores/S1/inventory/K1'
  const adjusting = (json: unknown, change: Partial<HttpRequest> = {}): HttpRequest => {
    return { method: 'POST', path: `${path}/adjust`, query: '', headers: [], json, ...change }
  }
  const listing = (query: string): HttpRequest => ({
    method: 'GET',
    path: `${path}/events`,
    query,
    headers: []
  })
  for (const wrong of [{ delta: 0 }, { delta: '5' }, { delta: 1, extra: 1 }, {}, [], null]) {
    t.throws(() => check.check(adjusting(wrong)), /the body was accepted/)
  }
  t.doesNotThrow(() => check.check(adjusting({ delta: 5 })))
  const bytes = Buffer.from('{"delta":5,"reason":"\xff"}', 'latin1')
  t.throws(() => check.check(adjusting(undefined, { payload: bytes })), /no UTF-8/)
  t.throws(
    () => check.check(adjusting({ delta: 5 }, { headers: [['idempotency-key', 'a b']] })),
    /Idempotency-Key/
  )
  for (const wrong of ['limit=0', 'limit=05', 'limit=1&limit=2', 'limit[]=1', 'unknown=1']) {
    t.throws(() => check.check(listing(wrong)), /was accepted/, wrong)
  }
  t.doesNotThrow(() => check.check(listing('limit=5')))
  const feed: HttpRequest = { method: 'GET', path: '/v1/inventory/events', query: 'limit=5', headers: [] }
  t.throws(() => check.check(feed), /without offset was accepted/)
})

t.test('what is wrong with one request is not wrong with the next', (t) => {
  const bodies = () => {
    const request: HttpRequest = { method: 'POST', path: '/', query: '', headers: [], json: { delta: 1 } }
    const mutations = fc.sample(bodyMutations, { numRuns: 2000, seed: 3 })
    return mutations.map((mutation) => {
      request.json = { delta: 1 }
      delete request.payload
      mutation.apply(request)
      mutation.apply(request)
      return String(payloadOf(request)).slice(0, 1000)
    })
  }
  t.strictSame(bodies(), bodies())
  t.end()
})

t.test('a repetition that is not answered the same', (t) => {
  const request: HttpRequest = { method: 'POST', path: '/', query: '', headers: [['Idempotency-Key', 'k']] }
  const answer = { statusCode: 200, headers: { etag: '"1"' }, body: '{}' }
  const again = { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } }
  const repetition = new Repetition<{ request: HttpRequest }>(1000)
  repetition.note({ request }, answer, 0)
  t.doesNotThrow(() => repetition.check(again, 999))
  t.throws(() => repetition.check({ ...again, body: '{"a":1}' }, 999), /differently/)
  t.throws(() => repetition.check(answer, 999), /not said to be one/)
  t.throws(() => repetition.check(undefined, 999), /differently/)
  t.doesNotThrow(() => repetition.check(answer, 1000), 'the key is free again')
  t.end()
})

t.test('answers on one connection', (t) => {
  const one = 'HTTP/1.1 200 OK\r\nETag: "1"\r\ncontent-length: 2\r\n\r\n{}'
  const bytes = (...parts: readonly string[]) => Buffer.from(parts.join(''))
  t.equal(parse(bytes('HTTP/1.1 100 Continue\r\n\r\n', one, one), ['POST']).answers.length, 2)
  t.match(parse(bytes(one), ['POST']).answers[0], { statusCode: 200, headers: { etag: '"1"' }, body: '{}' })
  t.equal(parse(bytes(one.slice(0, -1)), ['POST']).rest.length > 0, true, 'an answer that breaks off')
  const refused = one.replace('200 OK', '400 Bad Request')
  const head = refused.slice(0, -2)
  t.match(parse(bytes(head), ['HEAD']), { answers: [{ body: '' }], rest: Buffer.of() })
  t.match(parse(bytes(refused), ['HEAD']), { answers: [{ body: '{}' }] }, 'not known to be HEAD')
  const both = parse(bytes(head, refused), ['HEAD'])
  t.match(both, { answers: [{ body: '' }, { body: '{}' }] }, 'a head answered, then a body refused')
  t.throws(() => parse(bytes('HTTP/1.1 400 Bad Request\r\n\r\n'), ['POST']), /without a length/)
  t.throws(() => parse(bytes('rubbish\r\n\r\n'), ['POST']), /no status line/)
  t.end()
})
