import { LeaseRejectedError, type LeaseRejection } from './errors.ts'
import { digestOf, type LeaseKey } from './key.ts'
import { Lease, type LeaseSettings } from './lease.ts'
import { FencingTokens } from './tokens.ts'

/** A lease in this process, and how many requests of its holder share it. */
interface Holding {
  readonly key: LeaseKey
  readonly digest: string
  readonly holder: string | undefined
  /** The key that another process would not let go, once that is known. */
  readonly taken: Promise<LeaseKey | undefined>
  users: number
  lease: Lease | undefined
  ended: Promise<void> | undefined
}

/** Leases that a request has taken. */
export interface Grant {
  /** Higher than that of every acquisition before it. */
  readonly token: number
  /** Rejects with a LeaseRejectedError where one of them is not held any more. */
  requireHeld(): Promise<void>
  /** Gives them back, once. */
  release(): Promise<void>
}

/** The leases of one process: who holds what here is known without a look at the disk. */
export class LeaseTable {
  readonly #settings: LeaseSettings
  readonly #rejection: LeaseRejection
  readonly #tokens: FencingTokens
  readonly #holdings = new Map<string, Holding>()
  #isClosing = false

  constructor(settings: LeaseSettings, tokensFolder: string, rejection: LeaseRejection) {
    this.#settings = settings
    this.#rejection = rejection
    this.#tokens = new FencingTokens(tokensFolder)
  }

  /**
   * All of the leases or none, at once or not at all: rejects with a LeaseRejectedError where another holds one of them.
   * Requests with the same `holder` share theirs.
   */
  async acquire(keys: readonly LeaseKey[], holder?: string): Promise<Grant> {
    const wanted = new Map(keys.map((key) => [digestOf(key), key]))
    // In one order for everybody, so that of two batches that meet one gets all of its leases.
    const digests = [...wanted.keys()].sort()
    for (;;) {
      const shared = digests.flatMap((digest) => this.#holdings.get(digest) ?? [])
      for (const { key, holder: other } of shared) {
        if (holder !== undefined && other === holder) continue
        this.#settings.onEvent('contended', key)
        throw new LeaseRejectedError(key, 'held', this.#rejection)
      }
      const ending = shared.find(({ ended }) => ended !== undefined)
      if (ending === undefined) return await this.#grant(digests, wanted, holder)
      await ending.ended
    }
  }

  /** Gives all leases back and grants no more. */
  async close(): Promise<void> {
    this.#isClosing = true
    await Promise.all([...this.#holdings.values()].map((holding) => this.#end(holding)))
  }

  async #grant(
    digests: readonly string[],
    wanted: ReadonlyMap<string, LeaseKey>,
    holder: string | undefined
  ): Promise<Grant> {
    const fresh: Holding[] = []
    const first = wanted.get(digests[0] ?? '')
    if (this.#isClosing && first !== undefined)
      throw new LeaseRejectedError(first, 'closing', this.#rejection)
    // Nobody may come in between until all are in the table, so nothing is awaited before that.
    const taken = Promise.resolve().then(() => this.#take(fresh))
    const mine = digests.map((digest) => {
      const shared = this.#holdings.get(digest)
      if (shared !== undefined) {
        shared.users += 1
        return shared
      }
      const key = wanted.get(digest) as LeaseKey
      const holding: Holding = { key, digest, holder, taken, users: 1, lease: undefined, ended: undefined }
      this.#holdings.set(digest, holding)
      fresh.push(holding)
      return holding
    })
    try {
      for (const refused of await Promise.all(mine.map((holding) => holding.taken))) {
        if (refused !== undefined) throw new LeaseRejectedError(refused, 'held', this.#rejection)
      }
    } catch (error) {
      await this.#leave(mine)
      throw error
    }
    return this.#grantOf(mine)
  }

  /** Takes the leases one after the other; returns the key of the first that another process holds. */
  async #take(holdings: readonly Holding[]): Promise<LeaseKey | undefined> {
    if (holdings.length === 0) return undefined
    const token = await this.#tokens.next()
    for (const holding of holdings) {
      holding.lease = await Lease.acquire(holding.key, token, this.#settings)
      if (holding.lease === undefined) return holding.key
    }
    return undefined
  }

  #grantOf(holdings: readonly Holding[]): Grant {
    let left: Promise<void> | undefined
    return {
      token: Math.max(0, ...holdings.map(({ lease }) => lease?.token ?? 0)),
      requireHeld: async () => {
        for (const { key, lease, ended } of holdings) {
          if (left === undefined && ended === undefined && (await lease?.isHeld()) === true) continue
          throw new LeaseRejectedError(key, 'lost', this.#rejection)
        }
      },
      release: () => (left ??= this.#leave(holdings))
    }
  }

  async #leave(holdings: readonly Holding[]): Promise<void> {
    const last = holdings.filter((holding) => {
      holding.users -= 1
      return holding.users === 0
    })
    await Promise.all(last.map((holding) => this.#end(holding)))
  }

  #end(holding: Holding): Promise<void> {
    return (holding.ended ??= this.#giveBack(holding))
  }

  async #giveBack(holding: Holding): Promise<void> {
    // What is being taken has to be there before it can be given back.
    await holding.taken.catch(() => undefined)
    await holding.lease?.release()
    this.#holdings.delete(holding.digest)
  }
}
