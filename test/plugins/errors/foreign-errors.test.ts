import Fastify from 'fastify'
import t from 'tap'

import { EventsGoneError, LedgerError } from '../../../domain/ledger.ts'
import { answerFrameworkError } from '../../../plugins/errors/framework-errors.ts'
import errors from '../../../plugins/errors/plugin.ts'
import idempotency, { IdempotencyConflictError } from '../../../plugins/idempotency/plugin.ts'
import preconditions, { PreconditionFailedError } from '../../../plugins/preconditions/plugin.ts'
import { application } from './application.ts'

t.test('an unknown route', async (t) => {
  const fastify = await application(t)
  const response = await fastify.inject({ method: 'DELETE', url: '/nowhere?secret=1' })
  t.equal(response.statusCode, 404)
  t.equal(response.json().error.name, 'NotFoundError')
  t.equal(response.json().error.message, 'There is no route DELETE /nowhere')
  const long = await fastify.inject(`/${'x'.repeat(5000)}`)
  t.equal(long.json().error.message, `There is no route GET /${'x'.repeat(199)}…`)
})

t.test('URLs that Fastify itself refuses', async (t) => {
  const fastify = await application(t, {
    frameworkErrors: answerFrameworkError,
    routerOptions: { maxParamLength: 10 }
  })
  fastify.get('/skus/:sku', () => 'found')
  const refused: [url: string, status: number][] = [
    ['/skus/%zz', 400],
    ['/skus/%?key=secret', 400],
    ['/skus/12345678901?key=secret', 414]
  ]
  for (const [url, status] of refused) {
    const response = await fastify.inject(url)
    t.equal(response.statusCode, status, url)
    t.equal(response.json().error.name, 'ValidationError')
    t.equal(response.json().error.statusCode, status)
    t.notMatch(response.body, /secret/, 'the URL is not repeated')
    t.ok(response.headers['x-request-id'])
    const problem = await fastify.inject({ url, headers: { accept: 'application/problem+json' } })
    t.equal(problem.json().type, 'urn:bincard:error:validation')
  }
})

const ledgerFailures: [code: LedgerError['code'], status: number, name: string, message: RegExp][] = [
  ['queue_full', 503, 'LoadSheddingError', /Too many requests wait/],
  ['closed', 503, 'LoadSheddingError', /shutting down/],
  ['read_only', 503, 'CircuitOpenError', /no writes now; reads still work/],
  ['in_doubt', 500, 'InternalError', /not known; send it again with the same Idempotency-Key/],
  ['damaged', 500, 'InternalError', /not known; send it again with the same Idempotency-Key/],
  ['gone', 500, 'InternalError', /went wrong/]
]

t.test('a ledger that cannot do its work', async (t) => {
  const fastify = await application(t)
  for (const [code] of ledgerFailures) {
    fastify.post(`/${code}`, () => Promise.reject(new LedgerError(code, 'EIO on /data/log/1.wal')))
  }
  for (const [code, status, name, message] of ledgerFailures) {
    const response = await fastify.inject({ method: 'POST', url: `/${code}` })
    t.equal(response.statusCode, status, code)
    t.equal(response.json().error.name, name)
    t.match(response.json().error.message, message)
    t.notMatch(response.body, /EIO|wal/)
    t.equal(response.headers['retry-after'], status === 503 ? '1' : undefined)
    if (status === 503) t.same(response.json().error.details, { retryAfter: 1 })
  }
})

t.test('a part of the log that has rotted is read', async (t) => {
  const fastify = await application(t)
  fastify.get('/', () => Promise.reject(new LedgerError('damaged', 'damage in /data/log/1.wal at byte 3')))
  const response = await fastify.inject('/')
  t.equal(response.statusCode, 500)
  t.equal(response.json().error.message, 'The ledger is damaged: this cannot be read any more')
})

t.test('events that are no longer kept', async (t) => {
  const fastify = await application(t)
  fastify.get('/', () => Promise.reject(new EventsGoneError(3, 8)))
  const response = await fastify.inject('/')
  t.equal(response.statusCode, 410)
  t.match(response.json().error, { name: 'GoneError', code: 'GONE_ERROR', details: { oldestOffset: 8 } })
})

t.test('errors of other plugins and of libraries', async (t) => {
  const fastify = await application(t)
  const foreign: [error: unknown, status: number, name: string][] = [
    [withStatus(400), 400, 'ValidationError'],
    [withStatus(401), 401, 'UnauthorizedError'],
    [withStatus(403), 403, 'ForbiddenError'],
    [withStatus(404), 404, 'NotFoundError'],
    [withStatus(406), 406, 'ValidationError'],
    [withStatus(409), 409, 'ConflictError'],
    [withStatus(410), 410, 'GoneError'],
    [withStatus(412), 412, 'ConflictError'],
    [withStatus(413), 413, 'PayloadTooLargeError'],
    [withStatus(429), 429, 'RateLimitError'],
    [withStatus(503), 503, 'LoadSheddingError'],
    [Object.assign(new Error('As http-errors has it'), { status: 404 }), 404, 'NotFoundError'],
    [new PreconditionFailedError(412, { expected: 1, actual: 2 }), 412, 'ConflictError'],
    [new IdempotencyConflictError('k-1'), 409, 'IdempotencyConflictError']
  ]
  for (const [index, [error]] of foreign.entries()) {
    fastify.get(`/${index}`, () => Promise.reject(error as Error))
  }
  for (const [index, [error, status, name]] of foreign.entries()) {
    const response = await fastify.inject(`/${index}`)
    t.equal(response.statusCode, status, name)
    t.equal(response.json().error.name, name)
    t.equal(response.json().error.statusCode, status)
    t.equal(response.json().error.message, (error as Error).message)
  }
})

t.test('Retry-After of who turned the caller away is kept', async (t) => {
  const fastify = await application(t)
  fastify.get('/', (_request, reply) => {
    reply.header('retry-after', '17')
    throw withStatus(429)
  })
  const response = await fastify.inject('/')
  t.equal(response.headers['retry-after'], '17')
  t.same(response.json().error.details, { retryAfter: 17 })
})

t.test('the headers of preconditions and idempotency', async (t) => {
  const fastify = await application(t)
  await fastify.register(preconditions)
  await fastify.register(idempotency, { ttlMs: 1000 })
  fastify.post('/', { config: { idempotency: 'transactional' } }, (request) => request.precondition() ?? {})
  const malformed: [name: string, value: string][] = [
    ['If-Match', '7'],
    ['Idempotency-Key', 'a b']
  ]
  for (const [field, value] of malformed) {
    const response = await fastify.inject({ method: 'POST', url: '/', headers: { [field]: value } })
    t.equal(response.statusCode, 400)
    t.equal(response.json().error.name, 'ValidationError')
    t.match(response.json().error.details, [{ in: 'header', field, reason: /./ }])
  }
})

t.test('what nobody foresaw is logged and says nothing', async (t) => {
  const logged: string[] = []
  const stream = { write: (line: string) => logged.push(line) }
  const fastify = await application(t, { logger: { level: 'warn', stream } })
  const unforeseen = [new TypeError('x is undefined in /srv/app/secret.ts'), withStatus(502), 'a text', null]
  for (const [index, error] of unforeseen.entries()) {
    fastify.get(`/${index}`, () => Promise.reject(error as Error))
  }
  for (const index of unforeseen.keys()) {
    const response = await fastify.inject(`/${index}`)
    t.equal(response.statusCode, 500, String(index))
    t.equal(response.json().error.name, 'InternalError')
    t.equal(response.json().error.message, 'Something went wrong')
    t.notOk('details' in response.json().error)
  }
  t.equal(logged.length, unforeseen.length)
  t.match(logged[0], 'secret.ts')
})

t.test('options that do not fit stop the registration', async (t) => {
  await t.rejects(async () => {
    await Fastify().register(errors, { preconditionFailedStatus: 418 as 412 })
  }, new TypeError('bincard-errors: option preconditionFailedStatus: must be 409 or 412'))
  await t.rejects(async () => {
    await Fastify().register(errors, { now: 5 as unknown as () => number })
  }, new TypeError('bincard-errors: option now: must be a function that gives milliseconds'))
})

function withStatus(statusCode: number): Error {
  return Object.assign(new Error(`It is ${statusCode}`), { statusCode })
}
