import type { FeedPage } from '../../plugins/schemas/feed.ts'
import type { Auditor } from './auditor.ts'
import type { Chance } from './chance.ts'
import type { Network } from './network.ts'
import { NoReplyError, type Reply } from './messages.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface FollowersWorld {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly network: Network
  readonly auditor: Auditor
  readonly servers: readonly SimulatedServer[]
}

/** One who follows the feed from its beginning, now at this server and now at that one, and waits at its end. */
export class Follower {
  readonly counts = { pages: 0, events: 0 }
  readonly #world: FollowersWorld
  readonly #address: string
  #next = 1

  constructor(world: FollowersWorld, address: string) {
    this.#world = world
    this.#address = address
  }

  async follow(isOver: () => boolean): Promise<void> {
    const { chance, time, servers } = this.#world
    while (!isOver()) {
      const open = servers.filter(({ isThere }) => isThere)
      const reply = open.length > 0 && (await this.#askFor(chance.oneOf(open), 1 + chance.below(50), 2))
      if (reply === false || reply === undefined) await time.wait(50)
      else if (reply.status === 200) this.#take(reply)
      else if (reply.status === 410) this.#skip(reply)
      else await time.wait(100 + reply.retryAfter * 1000)
    }
  }

  async #askFor(server: SimulatedServer, limit: number, wait: number): Promise<Reply | undefined> {
    const url = `/v1/inventory/events?offset=${this.#next}&limit=${limit}&wait=${wait}`
    try {
      return await this.#world.network.ask(server, { method: 'GET', url, headers: {}, client: this.#address })
    } catch (error) {
      if (error instanceof NoReplyError) return undefined
      throw error
    }
  }

  /** Goes on at the oldest event that is kept; all before it must be known from others by now. */
  #skip({ body }: Reply): void {
    const { auditor } = this.#world
    const oldest = oldestOf(body)
    if (oldest <= this.#next) auditor.fault(`event ${this.#next} was gone, and the oldest one was ${oldest}`)
    if (oldest > auditor.feed.count + 1) throw new Error('events were removed before anybody had read them')
    this.#next = oldest
  }

  #take(reply: Reply): void {
    const { auditor } = this.#world
    const { events, nextOffset, count } = JSON.parse(reply.body) as FeedPage
    this.counts.pages += 1
    this.counts.events += events.length
    for (const event of events) auditor.follow(this.#next++, event)
    if (nextOffset !== this.#next || count !== events.length) {
      auditor.fault(`a page of ${count} events was followed by ${nextOffset}, not by ${this.#next}`)
    }
    this.#next = nextOffset
  }
}

/** Reads the feed from that offset to its end at one server, for the auditor. Throws where it is not to be had. */
export async function readFeed(server: SimulatedServer, from: number, world: FollowersWorld): Promise<void> {
  const { auditor, time, network } = world
  let offset = from
  for (let tries = 0; tries < 1000; tries += 1) {
    const url = `/v1/inventory/events?offset=${offset}&limit=1000`
    const known = auditor.feed.count
    const reply = await network.ask(server, { method: 'GET', url, headers: {}, client: '127.0.0.9' })
    if (reply.status !== 200) {
      // A disk may fail in the middle of it.
      if (![429, 500, 503].includes(reply.status)) throw new Error(`${url} got ${reply.status} ${reply.body}`)
      await time.wait(100 + reply.retryAfter * 1000)
      continue
    }
    // One whose disk fails shows what it knew until it is well again.
    if (reply.isBehind) {
      await time.wait(100)
      continue
    }
    const page = JSON.parse(reply.body) as FeedPage
    for (const event of page.events) auditor.follow(offset++, event)
    if (page.hasMore) continue
    if (offset <= known)
      auditor.fault(`lost: the feed ends before event ${offset}, and event ${known} was told`)
    return
  }
  throw new Error(`${server.name} does not come to the end of the feed`)
}

function oldestOf(body: string): number {
  return (JSON.parse(body) as { error: { details: { oldestOffset: number } } }).error.details.oldestOffset
}
