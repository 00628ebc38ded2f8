// Who is turned away is told so at a pace that leaves time for those who are let in.
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Door } from '../../../plugins/load-shedding/door.ts'
import { Refusals } from '../../../plugins/load-shedding/refusals.ts'

/** Turns that come when they are told to. */
class Turns {
  #callback: (() => void) | undefined

  readonly timer = (delayMs: number, callback: () => void): void => {
    if (delayMs !== 20 || this.#callback !== undefined) throw new Error('one turn at a time is asked for')
    this.#callback = callback
  }

  /** False where none is waited for. */
  next(): boolean {
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
    return callback !== undefined
  }
}

function refusing() {
  const turns = new Turns()
  const refusals = new Refusals(turns.timer)
  const refused: number[] = []
  let callers = 0
  const come = (count: number): void => {
    for (let one = 0; one < count; one += 1) {
      const caller = callers++
      refusals.add(() => void refused.push(caller))
    }
  }
  return { turns, refusals, refused, come }
}

t.test('few are refused at once, more turn by turn, in the order in which they came', async (t) => {
  const { turns, refusals, refused, come } = refusing()
  come(3)
  t.equal(refused.length, 3)
  come(22)
  t.equal(refused.length, 10, 'no more than ten in a turn')
  t.equal(refusals.waiting, 15)
  turns.next()
  t.equal(refused.length, 20)
  come(1)
  t.equal(refused.length, 20, 'nobody overtakes those who wait')
  turns.next()
  t.equal(refused.length, 26)
  come(1)
  t.equal(refused.length, 27, 'nobody waits, and the turn has room')
  t.strictSame(
    refused,
    Array.from({ length: 27 }, (_, caller) => caller)
  )
  t.ok(turns.next())
  t.notOk(turns.next(), 'where nobody is refused there are no turns')
  come(11)
  t.equal(refused.length, 37)
})

t.test('of many that wait each turn takes a hundredth', async (t) => {
  const { turns, refused, come } = refusing()
  come(5010)
  turns.next()
  t.equal(refused.length, 10 + 50)
  for (let turn = 1; turn < 100; turn += 1) turns.next()
  t.ok(refused.length > 3000, `${refused.length} of 5,010 are refused after two seconds`)
})

t.test('at the end all are refused at once', async (t) => {
  const { turns, refusals, refused, come } = refusing()
  come(100)
  refusals.end()
  t.equal(refused.length, 100)
  come(100)
  t.equal(refused.length, 200)
  turns.next()
  t.notOk(turns.next())
})

async function startRefusing(t: Test) {
  const turns = new Turns()
  let refused = 0
  const server = Fastify()
  const { log } = server
  const door = new Door({ log, now: () => 0, timer: turns.timer, onRefused: () => void (refused += 1) })
  server.addHook('onRequest', (request, reply) => door.refuse(request, reply, 'Come again'))
  server.get('/', async () => 'never')
  t.teardown(() => server.close())
  await server.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' })
  const { port } = server.server.address() as AddressInfo
  const untilRefused = async (count: number): Promise<void> => {
    while (refused < count) await new Promise((resolve) => setImmediate(resolve))
  }
  const exhaust = async (): Promise<void> => {
    for (let one = 0; one < 10; one += 1) t.equal((await server.inject('/')).statusCode, 503)
  }
  return { turns, server, door, port, untilRefused, exhaust }
}

t.test('one request of a connection waits, however many it sends', async (t) => {
  const { turns, port, untilRefused, exhaust } = await startRefusing(t)
  await exhaust()
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('utf8').on('data', (text) => (received += String(text)))
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(25))
  await untilRefused(35)
  t.equal(received, '')
  turns.next()
  while (received.split('HTTP/1.1 503').length <= 25) await once(socket, 'data')
  t.equal(received.split('"LOAD_SHEDDING_ERROR"').length, 26, 'all are answered when the first one is')
  socket.destroy()
})

t.test('whoever waits is refused when the server closes, and whoever has left is forgotten', async (t) => {
  const { server, door, port, untilRefused, exhaust } = await startRefusing(t)
  await exhaust()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await untilRefused(11)
  socket.destroy()
  const waiting = Array.from({ length: 15 }, () => server.inject('/'))
  await untilRefused(26)
  door.close()
  for (const answered of waiting) {
    const { statusCode, headers } = await answered
    t.match({ statusCode, headers }, { statusCode: 503, headers: { 'retry-after': '1' } })
  }
})
