import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import Fastify from 'fastify'
import t, { type Test } from 'tap'

import { ApiError, type ErrorFacts } from '../../../plugins/errors/api-error.ts'
import { errorKinds, problemType, type ErrorKind } from '../../../plugins/errors/error-kinds.ts'
import errors from '../../../plugins/errors/plugin.ts'
import { ErrorEnvelope, Problem } from '../../../plugins/errors/schemas.ts'

const noon = Date.UTC(2026, 0, 2, 12, 0, 0, 7)

const ajv = addFormats.default(new Ajv.default({ strict: true, allErrors: true, allowUnionTypes: true }))
const isEnvelope = ajv.compile(ErrorEnvelope)
const isProblem = ajv.compile(Problem)

/** An application that answers everything with one error. */
async function failing(t: Test, error: unknown) {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(errors, { now: () => noon })
  fastify.get('/', () => Promise.reject(error as Error))
  return fastify
}

const problemOnly = { accept: 'application/problem+json' }

t.test('every error, as an envelope and as a problem', async (t) => {
  for (const kind of Object.values<ErrorKind>(errorKinds)) {
    const details = { expected: 3, actual: 4 }
    const fastify = await failing(t, new ApiError(kind, 'What happened', { details }))
    const { name, code, statusCode, title } = kind
    const facts = { name, code, timestamp: '2026-01-02T12:00:00.007Z', details }

    const envelope = await fastify.inject('/')
    t.equal(envelope.statusCode, statusCode, name)
    t.equal(envelope.headers['content-type'], 'application/json; charset=utf-8')
    t.same(envelope.json(), { success: false, error: { ...facts, message: 'What happened', statusCode } })
    t.ok(isEnvelope(envelope.json()), ajv.errorsText(isEnvelope.errors))

    const problem = await fastify.inject({ url: '/', headers: problemOnly })
    t.equal(problem.statusCode, statusCode, name)
    t.equal(problem.headers['content-type'], 'application/problem+json')
    const type = problemType(name)
    t.same(problem.json(), { ...facts, type, title, status: statusCode, detail: 'What happened' })
    t.ok(isProblem(problem.json()), ajv.errorsText(isProblem.errors))
  }
})

t.test('the names, codes and statuses of the contract', async (t) => {
  t.same(
    Object.values<ErrorKind>(errorKinds).map(({ name, code, statusCode }) => [name, code, statusCode]),
    [
      ['ValidationError', 'VALIDATION_ERROR', 400],
      ['UnauthorizedError', 'UNAUTHORIZED_ERROR', 401],
      ['ForbiddenError', 'FORBIDDEN_ERROR', 403],
      ['NotFoundError', 'NOT_FOUND_ERROR', 404],
      ['ConflictError', 'CONFLICT_ERROR', 409],
      ['IdempotencyConflictError', 'IDEMPOTENCY_CONFLICT_ERROR', 409],
      ['GoneError', 'GONE_ERROR', 410],
      ['PayloadTooLargeError', 'PAYLOAD_TOO_LARGE_ERROR', 413],
      ['InsufficientStockError', 'INSUFFICIENT_STOCK_ERROR', 422],
      ['RateLimitError', 'RATE_LIMIT_ERROR', 429],
      ['LoadSheddingError', 'LOAD_SHEDDING_ERROR', 503],
      ['CircuitOpenError', 'CIRCUIT_OPEN_ERROR', 503],
      ['LockRejectionError', 'LOCK_REJECTION_ERROR', 503],
      ['InternalError', 'INTERNAL_ERROR', 500]
    ]
  )
  t.equal(problemType('InsufficientStockError'), 'urn:bincard:error:insufficient-stock')
  t.equal(problemType('GoneError'), 'urn:bincard:error:gone')
})

const preferences: [accept: string, form: 'json' | 'problem+json'][] = [
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['text/html', 'json'],
  ['application/problem+json;q=0', 'json'],
  ['application/problem+json;q=0.5, application/json', 'json'],
  ['application/json, application/problem+json', 'json'],
  ['application/problem+json', 'problem+json'],
  ['Application/Problem+JSON', 'problem+json'],
  ['text/html, application/problem+json;q=0.1', 'problem+json'],
  ['application/problem+json, application/json', 'problem+json'],
  ['application/problem+json, application/json;q=0.9, */*;q=0.1', 'problem+json'],
  ['application/json;q=0, */*', 'problem+json']
]

t.test('the form follows Accept', async (t) => {
  const fastify = await failing(t, new ApiError(errorKinds.conflict, 'No'))
  for (const [accept, form] of preferences) {
    const response = await fastify.inject({ url: '/', headers: { accept } })
    t.match(response.headers['content-type'], new RegExp(`^application/${form.replace('+', '\\+')}`), accept)
    t.equal(response.headers.vary, 'Accept')
  }
})

t.test('Vary keeps what another plugin put there', async (t) => {
  const varying: [before: string, after: string][] = [
    ['Origin', 'Origin, Accept'],
    ['accept, origin', 'accept, origin'],
    ['Accept-Encoding', 'Accept-Encoding, Accept'],
    ['*', '*']
  ]
  for (const [before, after] of varying) {
    const fastify = Fastify()
    t.teardown(() => fastify.close())
    await fastify.register(errors)
    fastify.get('/', (_request, reply) => {
      reply.header('vary', before)
      throw new ApiError(errorKinds.gone, 'Gone')
    })
    t.equal((await fastify.inject('/')).headers.vary, after)
  }
})

t.test('Retry-After is whole seconds of at least one, the details are exact', async (t) => {
  const retries: [seconds: number, header: string][] = [
    [0.3, '1'],
    [0, '1'],
    [1, '1'],
    [1.001, '2'],
    [30, '30']
  ]
  for (const [retryAfterSeconds, header] of retries) {
    const facts: ErrorFacts = { retryAfterSeconds, details: { sku: 'SKU123' } }
    const fastify = await failing(t, new ApiError(errorKinds.lockRejection, 'Held', facts))
    const response = await fastify.inject('/')
    t.equal(response.headers['retry-after'], header)
    t.same(response.json().error.details, { sku: 'SKU123', retryAfter: retryAfterSeconds })
  }
})

t.test('a route schema for the status does not touch the answer', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(errors)
  const schema = { response: { 409: { type: 'object', properties: { other: { type: 'string' } } } } }
  fastify.get('/', { schema }, () => {
    throw new ApiError(errorKinds.conflict, 'No', { at: noon })
  })
  const response = await fastify.inject('/')
  t.ok(isEnvelope(response.json()))
  t.equal(response.json().error.timestamp, '2026-01-02T12:00:00.007Z', 'the instant of the error itself')
})
