import type { ServerResponse } from 'node:http'
import { Server, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

export interface DrainOptions {
  /** How long a connection on which nothing happens is kept: a request may be on its way to it. */
  readonly lingerMs: number
  /** How long after the beginning of the end connections that still have not come to theirs are cut off. */
  readonly cutOffMs: number
}

/** The answer that a connection is waiting for, or that is on its way out, for want of a documented way to it. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null
}

/**
 * Lets a server that closes end its connections with an answer, not with a reset. Fastify answers what comes from then on
 * with `Connection: close`, and Node cuts off at once what it takes for idle: a connection whose answer is written but has
 * not gone out, and one whose next request is already on its way. Here no connection is accepted any more, those that are
 * open may send one more request for `lingerMs`, and each is closed with its answer. What is not over after `cutOffMs`,
 * a request that never comes to its end or an answer that nobody takes, is cut off.
 *
 * It costs nothing per request. A server that does not listen has nothing to end.
 */
async function drain(fastify: FastifyInstance, { lingerMs, cutOffMs }: DrainOptions): Promise<void> {
  const { server } = fastify
  const connections = new Set<HttpSocket>()
  let cutOff: NodeJS.Timeout | undefined
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })

  fastify.addHook('preClose', async () => {
    if (!server.listening) return
    // That of http.Server would cut off connections; it is called when this is over.
    Server.prototype.close.call(server)
    const isCutOff = new Promise<void>((resolve) => {
      cutOff = setTimeout(() => {
        server.closeAllConnections()
        resolve()
      }, cutOffMs).unref()
    })
    for (const { _httpMessage: answer } of connections) {
      if (answer && !answer.headersSent) answer.setHeader('connection', 'close')
    }
    await Promise.race([isCutOff, ended(connections, lingerMs)])
  })
  fastify.addHook('onClose', () => clearTimeout(cutOff))
}

/**
 * Resolves when all connections are closed, or after `lingerMs`, and then once no answer is under way. Those that are idle
 * then are Node's to close, but it takes a connection that has never sent a byte for a busy one.
 */
async function ended(connections: ReadonlySet<HttpSocket>, lingerMs: number): Promise<void> {
  await allClosedOr(connections, lingerMs)
  for (;;) {
    const answers = [...connections].flatMap(({ _httpMessage }) => _httpMessage ?? [])
    if (answers.length === 0) break
    // Its connection may live on where its head was sent before: then it is idle.
    await Promise.all(answers.map((answer) => new Promise((resolve) => answer.once('close', resolve))))
  }
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
}

function allClosedOr(connections: ReadonlySet<Socket>, lingerMs: number): Promise<void> {
  return new Promise((resolve) => {
    const linger = setTimeout(resolve, lingerMs)
    const look = (): void => {
      if (connections.size > 0) return
      clearTimeout(linger)
      resolve()
    }
    for (const socket of connections) socket.once('close', look)
    look()
  })
}

export default fastifyPlugin(drain, { name: 'bincard-drain', fastify: '5.x' })
