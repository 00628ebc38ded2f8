import Fastify from 'fastify'
import t from 'tap'

import type { Refusal } from '../../../domain/refusals.ts'
import errors from '../../../plugins/errors/plugin.ts'

const at = Date.UTC(2026, 0, 2)
const target = { storeId: 'STORE001', sku: 'SKU "1"' }
const record = 'record of SKU "SKU \\"1\\"" in store "STORE001"'

interface Answer {
  readonly name: string
  readonly statusCode: number
  readonly message: string
  readonly details?: object
}

const answers: [refusal: Refusal, answer: Answer][] = [
  [
    { code: 'not_found', ...target },
    { name: 'NotFoundError', statusCode: 404, message: `There is no ${record}` }
  ],
  [
    { code: 'version_conflict', ...target, expected: 3, actual: 4 },
    {
      name: 'ConflictError',
      statusCode: 409,
      message: `The ${record}: expected version 3, actual version 4`,
      details: { expected: 3, actual: 4 }
    }
  ],
  [
    { code: 'version_conflict', ...target, expected: 0, actual: 4 },
    {
      name: 'ConflictError',
      statusCode: 409,
      message: `The ${record}: expected none to exist, actual version 4`,
      details: { expected: 0, actual: 4 }
    }
  ],
  [
    { code: 'version_conflict', ...target, expected: [3, 5], actual: 4 },
    {
      name: 'ConflictError',
      statusCode: 409,
      message: `The ${record}: expected one of the versions 3, 5, actual version 4`,
      details: { expected: [3, 5], actual: 4 }
    }
  ],
  [
    { code: 'version_conflict', ...target, expected: [], actual: 4 },
    {
      name: 'ConflictError',
      statusCode: 409,
      message: `The ${record}: expected a version that never is, actual version 4`,
      details: { expected: [], actual: 4 }
    }
  ],
  [
    { code: 'version_conflict', ...target, expected: '*', actual: 0 },
    {
      name: 'ConflictError',
      statusCode: 409,
      message: `The ${record}: expected any version, actual version 0`,
      details: { expected: '*', actual: 0 }
    }
  ],
  [
    { code: 'reservation_not_found', ...target, reservationId: 'r-1' },
    { name: 'NotFoundError', statusCode: 404, message: `The ${record} has no open reservation "r-1"` }
  ],
  [
    { code: 'reservation_exceeded', ...target, reservationId: 'r-1', requested: 5, available: 2 },
    {
      name: 'InsufficientStockError',
      statusCode: 422,
      message: `Reservation "r-1" on the ${record}: requested 5, held 2`,
      details: { requested: 5, available: 2 }
    }
  ],
  [
    { code: 'insufficient_stock', ...target, requested: 5, available: 2 },
    {
      name: 'InsufficientStockError',
      statusCode: 422,
      message: `The ${record}: requested 5, available 2`,
      details: { requested: 5, available: 2 }
    }
  ],
  [
    { code: 'quantity_overflow', ...target, quantity: 9007199254740991, delta: 1 },
    {
      name: 'ValidationError',
      statusCode: 400,
      message: `The ${record}: 9007199254740991 changed by 1 is no safe integer any more`,
      details: { quantity: 9007199254740991, delta: 1 }
    }
  ],
  [
    { code: 'idempotency_conflict', key: 'a secret scope k-1' },
    {
      name: 'IdempotencyConflictError',
      statusCode: 409,
      message: 'The idempotency key "k-1" was already used for another request'
    }
  ]
]

t.test('each refusal has its answer', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(errors, { now: () => Date.UTC(2030, 0, 1) })
  for (const [index, [refusal]] of answers.entries()) {
    fastify.get(`/${index}`, () => {
      throw fastify.refusalError(refusal, at)
    })
    fastify.get(`/${index}/line`, () => {
      throw fastify.refusalError(refusal, at, 17)
    })
  }
  for (const [index, [refusal, answer]] of answers.entries()) {
    const first = await fastify.inject(`/${index}`)
    t.equal(first.statusCode, answer.statusCode, refusal.code)
    t.same(withoutCode(first.json()), { ...answer, timestamp: '2026-01-02T00:00:00.000Z' })
    t.equal((await fastify.inject(`/${index}`)).body, first.body, 'a replay reads the same')

    const onLine = (await fastify.inject(`/${index}/line`)).json().error
    t.equal(onLine.message, `Line 17: ${answer.message}`)
    t.same(onLine.details, { ...answer.details, line: 17 })
  }
})

t.test('the operator may have 412 for version conflicts, and for nothing else', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(errors, { preconditionFailedStatus: 412 })
  for (const [refusal, answer] of answers) {
    const status = refusal.code === 'version_conflict' ? 412 : answer.statusCode
    const error = fastify.refusalError(refusal, at)
    t.equal(error.statusCode, status, refusal.code)
    if (status === 412) t.equal(error.code, 'CONFLICT_ERROR')
  }
})

function withoutCode(body: { readonly error: { readonly code: string } }): object {
  const { code, ...rest } = body.error
  t.match(code, /^[A-Z_]+_ERROR$/)
  return rest
}
