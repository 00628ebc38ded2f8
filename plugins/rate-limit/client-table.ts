import { hash, randomUUID } from 'node:crypto'
import { requirePositiveInteger } from './limiter.ts'

/** What a limit remembers of one client. */
export interface StateKind<State> {
  create(now: number): State
  copy(state: State): State
  /** Whether the state is worth no more than a new one. */
  isFresh(state: State, now: number): boolean
}

export interface ClientTableOptions {
  /** How many clients have a state of their own. */
  readonly clientsMax?: number
  /** How many states the others share. */
  readonly sharedMax?: number
  /** Clients of one group share one of those states; each is its own group where it is left out. */
  readonly groupOf?: (client: string) => string
}

interface Entry<State> {
  readonly client: string
  readonly state: State
}

const defaultClientsMax = 20_000
const defaultSharedMax = 1024
const sweptPerNewClient = 2
/** Hexadecimal digits that the place of a shared state is taken from. */
const digestDigits = 8

/**
 * The states of any number of clients in bounded memory. No state that still counts for something is ever dropped, as
 * whoever has used up a limit would get in again by having others push it out: while the table is full of such states,
 * clients that are not in it share a fixed number of others, found by a hash whose key nobody outside knows. They then
 * have less than their limit, never more. Who comes into the table later takes what the shared state counted along.
 *
 * A new client has two entries looked at and dropped if they are fresh, so that no request costs more than others.
 */
export class ClientTable<State> {
  readonly #kind: StateKind<State>
  readonly #clientsMax: number
  readonly #sharedMax: number
  readonly #groupOf: (client: string) => string
  readonly #states = new Map<string, State>()
  readonly #entries: Entry<State>[] = []
  readonly #shared = new Map<number, State>()
  readonly #hashKey = randomUUID()
  #hand = 0

  constructor(kind: StateKind<State>, options: ClientTableOptions = {}) {
    const {
      clientsMax = defaultClientsMax,
      sharedMax = defaultSharedMax,
      groupOf = (client) => client
    } = options
    this.#kind = kind
    this.#clientsMax = requirePositiveInteger('clientsMax', clientsMax)
    this.#sharedMax = requirePositiveInteger('sharedMax', sharedMax)
    this.#groupOf = groupOf
  }

  /** How many states are held, the shared ones included. */
  get size(): number {
    return this.#entries.length + this.#shared.size
  }

  /** The state in which the client's requests count now. */
  stateOf(client: string, now: number): State {
    return this.#states.get(client) ?? this.#stateOfNew(client, now)
  }

  /** Every state, by its client; the shared ones by a name of their own. */
  *states(): Generator<readonly [client: string, state: State]> {
    for (const { client, state } of this.#entries) yield [client, state]
    for (const [place, state] of this.#shared) yield [`shared-${place}`, state]
  }

  #stateOfNew(client: string, now: number): State {
    this.#sweep(now)
    const isFull = this.#entries.length >= this.#clientsMax
    const shared = isFull || this.#shared.size > 0 ? this.#sharedState(client, isFull, now) : undefined
    if (isFull && shared !== undefined) return shared
    const state = shared === undefined ? this.#kind.create(now) : this.#kind.copy(shared)
    this.#states.set(client, state)
    this.#entries.push({ client, state })
    return state
  }

  #sharedState(client: string, create: boolean, now: number): State | undefined {
    const digest = hash('sha256', this.#hashKey + this.#groupOf(client), 'hex')
    const place = Number.parseInt(digest.slice(0, digestDigits), 16) % this.#sharedMax
    const shared = this.#shared.get(place)
    if (shared !== undefined && !this.#kind.isFresh(shared, now)) return shared
    if (!create) {
      this.#shared.delete(place)
      return undefined
    }
    const created = this.#kind.create(now)
    this.#shared.set(place, created)
    return created
  }

  #sweep(now: number): void {
    for (let looked = 0; looked < sweptPerNewClient && this.#entries.length > 0; looked++) {
      if (this.#hand >= this.#entries.length) this.#hand = 0
      const entry = this.#entries[this.#hand]
      if (entry === undefined || !this.#kind.isFresh(entry.state, now)) {
        this.#hand++
        continue
      }
      this.#states.delete(entry.client)
      const last = this.#entries.pop()
      if (last !== undefined && last !== entry) this.#entries[this.#hand] = last
    }
  }
}
