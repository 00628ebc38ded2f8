import type { Chance } from './chance.ts'
import { isFinal } from './told.ts'
import { NoReplyError, type ClockRange, type Message, type Reply } from './messages.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface NetworkOptions {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly servers: readonly SimulatedServer[]
  /** What happens to messages on their way; for tests that want to see it found. */
  readonly tamper?: (ask: Ask) => Ask
}

export type Ask = (server: SimulatedServer, message: Message) => Promise<Reply>

export interface NetworkAnswer {
  readonly reply: Reply
  /** The clocks of all that were asked, as long as it took. */
  readonly clocks: ClockRange
}

const patienceMs = 4000
/** Who is not answered for so long never will be. */
const giveUpMs = 15 * 60_000

/** Between the clients and the servers: questions and answers get lost, and clients do not wait for ever. */
export class Network {
  readonly counts = { tries: 0, lost: 0, refused: 0, failed: 0, late: 0 }
  readonly #options: NetworkOptions
  /** Asks one server once, and nothing gets lost. */
  readonly ask: Ask

  constructor(options: NetworkOptions) {
    this.#options = options
    const ask: Ask = (server, message) => server.ask(message)
    this.ask = options.tamper?.(ask) ?? ask
  }

  /** Asks until there is an answer to rely on. Throws where there is another one, or none in a quarter of an hour. */
  async untilAnswered(message: Message): Promise<NetworkAnswer> {
    return await this.#until(message, () => undefined)
  }

  /** As `untilAnswered`, for what may be asked anew each time: `begin` is called before each try. */
  async read<Begun>(message: Message, begin: () => Begun): Promise<NetworkAnswer & { question: Begun }> {
    return await this.#until(message, begin)
  }

  async #until<Begun>(message: Message, begin: () => Begun): Promise<NetworkAnswer & { question: Begun }> {
    const { time } = this.#options
    const began = time.now
    let clocks: ClockRange = { earliest: Infinity, latest: -Infinity }
    while (time.now - began < giveUpMs) {
      const question = begin()
      const server = this.#server()
      const askedAt = time.now
      const reply = server && (await this.#try(server, message))
      if (server !== undefined) {
        const { earliest, latest } = server.clocks(askedAt)
        clocks = { earliest: Math.min(clocks.earliest, earliest), latest: Math.max(clocks.latest, latest) }
      }
      if (reply !== undefined && isFinal(reply)) return { reply, clocks, question }
      await time.wait(this.#pauseMs(reply))
    }
    throw new Error(`${message.method} ${message.url} is not answered: ${message.body}`)
  }

  /** Undefined where no answer came that says what has become of it. */
  async once(message: Message): Promise<NetworkAnswer | undefined> {
    const server = this.#server()
    if (server === undefined) {
      await this.#options.time.wait(20)
      return undefined
    }
    const askedAt = this.#options.time.now
    const reply = await this.#try(server, message)
    return reply !== undefined && isFinal(reply) ? { reply, clocks: server.clocks(askedAt) } : undefined
  }

  #server(): SimulatedServer | undefined {
    const open = this.#options.servers.filter(({ isThere }) => isThere)
    return open.length === 0 ? undefined : this.#options.chance.oneOf(open)
  }

  #pauseMs(reply: Reply | undefined): number {
    const { chance } = this.#options
    return 5 + chance.below(40) + (reply === undefined ? 0 : chance.below(1 + reply.retryAfter * 1000))
  }

  async #try(server: SimulatedServer, message: Message): Promise<Reply | undefined> {
    const { chance, time } = this.#options
    const fate = chance.below(40)
    this.counts.tries += 1
    if (fate === 0) return void (this.counts.lost += 1)
    try {
      const late = time.wait(patienceMs).then(() => undefined)
      const reply = await Promise.race([this.ask(server, message), late])
      if (reply === undefined) return void (this.counts.late += 1)
      if (fate === 1) return void (this.counts.lost += 1)
      if ([429, 503].includes(reply.status)) this.counts.refused += 1
      else if (reply.status === 500) this.counts.failed += 1
      else if (!isFinal(reply))
        throw new Error(`${message.url} ${message.body} got ${reply.status} ${reply.body}`)
      return reply
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error
      this.counts.lost += 1
      return undefined
    }
  }
}
