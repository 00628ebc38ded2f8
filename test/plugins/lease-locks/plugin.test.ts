import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import leaseLocks from '../../../plugins/lease-locks/plugin.ts'
import { holding, instance, leaseFolder, leftIn, signal, until } from './application.ts'

t.test('no name gets out of the folder, and every header can be read back', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, join(folder, 'leases'))
  const other = await instance(t, join(folder, 'leases'))
  const names = [
    '../../etc',
    '..',
    '/etc/passwd',
    'a/b',
    'Müller ☕ 100%',
    '%2F',
    '𝛼'.repeat(128),
    ' ',
    'a\r\nb: c'
  ]
  for (const name of names) {
    const first = await holding(one, [name])
    const found = await leftIn(join(folder, 'leases'))
    t.strictSame(
      found.map((file) => /^[0-9a-f]{64}\.(lock|json)$/.test(file)),
      [true, true]
    )
    const refused = await other.take([name])
    t.equal(refused.statusCode, 503)
    t.equal(decodeURIComponent(String(refused.headers['x-lock-key'])), name)
    await first.finish()
  }
  t.strictSame(await leftIn(folder), ['leases'])
})

t.test('a client that hangs up leaves no lease behind, however long its work goes on', async (t) => {
  const folder = await leaseFolder(t)
  const other = await instance(t, folder)
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(leaseLocks, { folder })
  const started = signal()
  const finish = signal()
  const seen: unknown[] = []
  fastify.post(
    '/slow',
    { config: { leases: () => ({ keys: [{ space: 'S1', name: 'A' }] }) } },
    async ({ leases }) => {
      started.give()
      await finish.given
      await leases?.requireHeld().catch((error: unknown) => seen.push(error))
      return 'done'
    }
  )
  const { port } = new URL(await fastify.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n')
  await started.given
  socket.destroy()
  await until(async () => (await leftIn(folder)).length === 0)
  t.equal((await other.take(['A'])).statusCode, 200)
  finish.give()
  await until(() => seen.length > 0)
  t.match(seen, [{ code: 'LOCK_REJECTION_ERROR' }], 'which then does nothing any more')
})

t.test('an error, an answer past Fastify: whatever ends a request gives its lease back', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  t.equal((await one.take(['A'], () => Promise.reject(new Error('out of order')))).statusCode, 500)
  t.strictSame(await leftIn(folder), [])
  const raw = await one.take(['A'], (_request, reply) => {
    reply.hijack()
    reply.raw.end('raw')
  })
  t.equal(raw.body, 'raw')
  await until(async () => (await one.take(['A'])).statusCode === 200)
  t.strictSame(await leftIn(folder), [])
})

t.test('closing gives everything back', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const first = await holding(one, ['A', 'B'], undefined, async ({ leases }) => leases?.requireHeld())
  await one.fastify.close()
  t.strictSame(await leftIn(folder), [])
  t.equal((await first.finish()).statusCode, 503, 'who is still at it does nothing any more')
  t.strictSame(one.counts, { acquired: 2 })
})

t.test('what makes no sense is refused when it is registered', async (t) => {
  const folder = await leaseFolder(t)
  const refused: [object, RegExp][] = [
    [{}, /option folder/],
    [{ folder: '' }, /option folder/],
    [{ folder, ttlMs: 1999 }, /option ttlMs: .* from 2000/],
    [{ folder, renewMs: 999 }, /option renewMs: .* at least 1000/],
    [{ folder, ttlMs: 3000, renewMs: 1501 }, /option renewMs: must be at most half of ttlMs, which is 3000/],
    [{ folder, rejectStatus: 200 }, /option rejectStatus/],
    [{ folder, retryAfterMs: 0 }, /option retryAfterMs/],
    [{ folder, keysMax: 0 }, /option keysMax/],
    [{ folder, nameField: '' }, /option nameField/],
    [{ folder, count: 'x' }, /option count/],
    [{ folder, now: 5 }, /option now/],
    [{ folder, ownerId: '' }, /option ownerId/],
    [{ folder, colour: 'red' }, /option colour/]
  ]
  for (const [options, message] of refused) {
    await t.rejects(Promise.resolve(Fastify().register(leaseLocks, options as never)), { message })
  }
  await writeFile(join(folder, 'file'), '')
  await t.rejects(Promise.resolve(Fastify().register(leaseLocks, { folder: join(folder, 'file') })), {
    code: 'EEXIST'
  })
})
