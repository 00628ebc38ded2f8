import { connect } from 'node:net'

import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'

import type { Precondition as DomainPrecondition } from '../../../domain/commands.ts'
import preconditions, {
  MalformedPreconditionError,
  type PreconditionFailedError,
  type Precondition,
  type PreconditionOptions
} from '../../../plugins/preconditions/plugin.ts'

/** What the plugin reads is what the domain decides on. */
const forTheDomain = (precondition: Precondition): DomainPrecondition => precondition

interface WriteBody {
  readonly version?: number
}

function sendDetails(error: PreconditionFailedError, _request: FastifyRequest, reply: FastifyReply): void {
  reply.code(error.statusCode).send({ name: error.name, details: error.details })
}

/** One resource at a version, 0 for none, in an application that has only this plugin. */
async function application(
  t: Test,
  current: number,
  options: PreconditionOptions = {},
  errorHandler?: typeof sendDetails
) {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(preconditions, options)
  if (errorHandler !== undefined) fastify.setErrorHandler(errorHandler)
  fastify.get('/thing', (request, reply) => {
    reply.entityTag(current)
    return request.isNotModified(current) ? reply.code(304).send() : { version: current }
  })
  fastify.put<{ Body: WriteBody }>('/thing', (request, reply) => {
    const precondition = request.precondition(request.body.version)
    fastify.requirePrecondition(current === 0 ? undefined : current, precondition)
    reply.entityTag(current + 1).send(precondition === undefined ? {} : forTheDomain(precondition))
  })
  return fastify
}

const understood: [headers: Record<string, string>, version: number | undefined, read: object][] = [
  [{}, undefined, {}],
  [{}, 7, { kind: 'versions', versions: [7] }],
  [{ 'if-match': '"7"' }, undefined, { kind: 'versions', versions: [7] }],
  [{ 'if-match': '"7"' }, 7, { kind: 'versions', versions: [7] }],
  [{ 'if-match': '"7", "7"' }, 7, { kind: 'versions', versions: [7] }],
  [{ 'if-match': '"6", "7",, "8"' }, undefined, { kind: 'versions', versions: [6, 7, 8] }],
  [{ 'if-match': 'W/"6", "7", "a,b"' }, undefined, { kind: 'versions', versions: [7] }],
  [{ 'if-match': '*' }, undefined, { kind: 'exists' }]
]

t.test('preconditions that hold', async (t) => {
  const fastify = await application(t, 7)
  for (const [headers, version, read] of understood) {
    const response = await fastify.inject({ method: 'PUT', url: '/thing', headers, payload: { version } })
    t.equal(response.statusCode, 200, JSON.stringify({ headers, version }))
    t.same(response.json(), read)
    t.equal(response.headers.etag, '"8"')
  }
})

t.test('create only', async (t) => {
  const absent = await application(t, 0)
  for (const headers of [{ 'if-none-match': '*' }, {}]) {
    const payload = { version: 0 }
    const response = await absent.inject({ method: 'PUT', url: '/thing', headers, payload })
    t.same(response.json(), { kind: 'absent' })
  }
  const present = await application(t, 3)
  const response = await present.inject({
    method: 'PUT',
    url: '/thing',
    headers: { 'if-none-match': '*' },
    payload: {}
  })
  t.equal(response.statusCode, 412)
})

const failing: [current: number, headers: Record<string, string>, expected: unknown][] = [
  [7, { 'if-match': '"8"' }, 8],
  [7, { 'if-match': '"8", "9"' }, [8, 9]],
  [7, { 'if-match': 'W/"7"' }, []],
  [7, { 'if-match': '"07"' }, []],
  [7, { 'if-match': '"7.0"' }, []],
  [7, { 'if-match': '""' }, []],
  [0, { 'if-match': '"0"' }, []],
  [0, { 'if-match': '"1"' }, 1],
  [0, { 'if-match': '*' }, '*'],
  [9007199254740992, { 'if-match': '"9007199254740993"' }, []],
  [9007199254740992, { 'if-match': '"9007199254740992"' }, []]
]

t.test('preconditions that do not hold, with both statuses', async (t) => {
  for (const failedStatus of [409, 412] as const) {
    for (const [current, headers, expected] of failing) {
      const fastify = await application(t, current, { failedStatus }, sendDetails)
      const response = await fastify.inject({ method: 'PUT', url: '/thing', headers, payload: {} })
      t.equal(response.statusCode, failedStatus, JSON.stringify(headers))
      t.same(response.json(), { name: 'PreconditionFailedError', details: { expected, actual: current } })
    }
  }
})

t.test('without options a failed precondition is 412 and says what is wrong', async (t) => {
  const fastify = await application(t, 7)
  const response = await fastify.inject({ method: 'PUT', url: '/thing', payload: { version: 6 } })
  t.same(response.json(), {
    statusCode: 412,
    code: 'PRECONDITION_FAILED',
    error: 'Precondition Failed',
    message: 'The precondition does not hold: expected version 6, actual 7'
  })
})

const refused: [headers: Record<string, string>, version: number | undefined, message: RegExp][] = [
  [{ 'if-match': '7' }, undefined, /^If-Match: an entity tag in double quotes was expected at character 1$/],
  [{ 'if-match': '' }, undefined, /^If-Match: it holds no entity tag$/],
  [{ 'if-match': '"7", *' }, undefined, /^If-Match: .* at character 6$/],
  [{ 'if-none-match': '7' }, undefined, /^If-None-Match: an entity tag/],
  [{ 'if-none-match': '"7"' }, undefined, /^If-None-Match: only \* is understood on a write$/],
  [{ 'if-match': '"7"', 'if-none-match': '*' }, undefined, /^If-None-Match: .* together with If-Match$/],
  [{ 'if-match': '"7"' }, 8, /^If-Match: differs from version 8 in the body$/],
  [{ 'if-match': '"7", "8"' }, 7, /^If-Match: differs from version 7 in the body$/],
  [{ 'if-match': '*' }, 7, /^If-Match: differs from version 7 in the body$/],
  [{ 'if-match': 'W/"7"' }, 7, /^If-Match: differs from version 7 in the body$/],
  [{ 'if-match': '"7"' }, 0, /^If-Match: differs from version 0 in the body$/],
  [{ 'if-none-match': '*' }, 7, /^If-None-Match: differs from version 7 in the body$/],
  [{}, -1, /^version: must be a whole number/],
  [{}, 1.5, /^version: must be a whole number/],
  [{}, 2 ** 53, /^version: must be a whole number/]
]

t.test('malformed and contradicting preconditions', async (t) => {
  const fastify = await application(t, 7)
  for (const [headers, version, message] of refused) {
    const response = await fastify.inject({ method: 'PUT', url: '/thing', headers, payload: { version } })
    t.equal(response.statusCode, 400, JSON.stringify({ headers, version }))
    t.equal(response.json().code, 'MALFORMED_PRECONDITION')
    t.match(response.json().message, message)
  }
})

t.test('a malformed field is named in the details', async (t) => {
  const error = new MalformedPreconditionError('header', 'If-Match', 'it holds no entity tag')
  t.same(error.details, [{ in: 'header', field: 'If-Match', reason: 'it holds no entity tag' }])
})

const reads: [ifNoneMatch: string | undefined, status: number][] = [
  [undefined, 200],
  ['"7"', 304],
  ['W/"7"', 304],
  ['"6", W/"7"', 304],
  ['*', 304],
  ['"6"', 200],
  ['"07"', 200],
  ['"6,7"', 200],
  ['7', 400],
  ['', 400]
]

t.test('conditional reads', async (t) => {
  const fastify = await application(t, 7)
  for (const [value, status] of reads) {
    const headers = value === undefined ? {} : { 'if-none-match': value }
    const response = await fastify.inject({ url: '/thing', headers })
    t.equal(response.statusCode, status, String(value))
    if (status !== 400) t.equal(response.headers.etag, '"7"')
    if (status === 304) t.equal(response.body, '')
  }
})

t.test('header lines that are repeated are one list', async (t) => {
  const fastify = await application(t, 7)
  const { port } = new URL(await fastify.listen({ port: 0 }))
  const status = (lines: string) => statusOf(Number(port), `PUT /thing HTTP/1.1\r\n${lines}`)
  t.equal(await status('If-Match: "6"\r\nIf-Match: "7"\r\n'), 200)
  t.equal(await status('If-Match: "6"\r\nIf-Match: "8"\r\n'), 412)
  t.equal(await status('If-Match: "7"\r\nIf-Match: *\r\n'), 400)
  t.equal(await status('If-Match:\r\n'), 400)
})

t.test('options that do not fit stop the registration', async (t) => {
  const wrong: [options: object, message: string][] = [
    [{ failedStatus: 418 }, 'bincard-preconditions: option failedStatus: must be 409 or 412'],
    [{ failedStatus: '412' }, 'bincard-preconditions: option failedStatus: must be 409 or 412'],
    [{ status: 412 }, 'bincard-preconditions: option status: Unexpected property']
  ]
  for (const [options, message] of wrong) {
    await t.rejects(async () => {
      await Fastify().register(preconditions, options)
    }, new TypeError(message))
  }
})

/** Sends the head of a request as it is, as an HTTP client would join what it repeats. */
function statusOf(port: number, head: string): Promise<number> {
  const request = `${head}Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      resolve(Number(data.toString('latin1').split(' ')[1]))
    })
  })
}
