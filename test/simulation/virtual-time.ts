import { AsyncLocalStorage } from 'node:async_hooks'
import { Chance } from './chance.ts'

/** On whose behalf something runs: a process of the simulation. What the dead have begun never goes on. */
export class Owner {
  readonly name: string
  readonly chance: Chance
  /** What its clock shows more than the simulation's, in milliseconds. */
  clockOffsetMs = 0
  /** Until then, by the simulation's clock, nothing of it runs, as if it were stopped. */
  stalledUntil = 0
  isDead = false
  /** Timers that are still to come and that somebody waits for. */
  awaited = 0

  constructor(name: string, seed: number) {
    this.name = name
    this.chance = new Chance(seed)
  }
}

type Call = () => void

interface Entry {
  at: number
  readonly call: Call
  readonly owner: Owner | undefined
  readonly delayMs: number
  /** Whether it happens again and again. */
  readonly isRepeated: boolean
  /** Whether it is still to come. */
  isPending: boolean
  timer?: VirtualTimer
}

/** What setTimeout and the others return: as much of Node's Timeout as programs use. */
class VirtualTimer {
  readonly entry: Entry
  readonly #time: VirtualTime
  #isAwaited: boolean

  constructor(time: VirtualTime, entry: Entry, isAwaited: boolean) {
    this.#time = time
    this.entry = entry
    this.#isAwaited = isAwaited
    if (isAwaited && entry.owner !== undefined) entry.owner.awaited += 1
  }

  ref(): this {
    return this
  }

  unref(): this {
    this.letGo()
    return this
  }

  hasRef(): boolean {
    return this.#isAwaited
  }

  close(): this {
    this.#time.cancel(this)
    return this
  }

  refresh(): this {
    this.#time.postpone(this.entry)
    return this
  }

  /** Nobody waits for it any more. */
  letGo(): void {
    if (!this.#isAwaited) return
    this.#isAwaited = false
    if (this.entry.owner !== undefined) this.entry.owner.awaited -= 1
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

const realImmediate = setImmediate
const realTimeout = setTimeout

/**
 * A clock and timers that only move when they are told to: one thing after the other, each to its end, in an order that
 * follows from what was asked for. Each owner has a clock of its own that may be wrong, can be stopped for a while, and
 * can die.
 */
export class VirtualTime {
  readonly #owners = new AsyncLocalStorage<Owner | undefined>()
  readonly #began: number
  #queue: Entry[] = []
  #now: number

  constructor(began: number) {
    this.#began = began
    this.#now = began
  }

  /** Milliseconds since the epoch, by a clock that is right. */
  get now(): number {
    return this.#now
  }

  get owner(): Owner | undefined {
    return this.#owners.getStore()
  }

  /** By the clock of whoever asks. */
  ownNow(): number {
    return Math.floor(this.#now + (this.owner?.clockOffsetMs ?? 0))
  }

  /** By a clock that nobody sets. */
  steadyNow(): number {
    return this.#now - this.#began
  }

  /** Does something on behalf of the owner. */
  as<Value>(owner: Owner | undefined, work: () => Value): Value {
    return this.#owners.run(owner, work)
  }

  schedule(call: Call, delayMs: number, { isRepeated = false, isAwaited = true } = {}): VirtualTimer {
    const entry: Entry = { at: 0, call, owner: this.owner, delayMs, isRepeated, isPending: false }
    this.postpone(entry)
    entry.timer = new VirtualTimer(this, entry, isAwaited)
    return entry.timer
  }

  /** Lets it happen when its delay has passed from now on, and not before. */
  postpone(entry: Entry): void {
    if (entry.isPending) this.#queue = this.#queue.filter((other) => other !== entry)
    if (entry.owner?.isDead !== true) this.#enqueue(entry, this.#now + entry.delayMs)
  }

  cancel(timer: VirtualTimer): void {
    timer.letGo()
    timer.entry.isPending = false
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.schedule(resolve, delayMs))
  }

  /** Ends whoever it is at once: nothing that it has asked for happens any more. */
  kill(owner: Owner): void {
    owner.isDead = true
    this.#queue = this.#queue.filter((entry) => entry.owner !== owner)
  }

  /**
   * Lets time pass until it is over. `isHeld` says that something real is under way, as a module being read, during
   * which no time passes. Throws where nothing is left to happen.
   */
  async run(isOver: () => boolean, isHeld: () => boolean): Promise<void> {
    for (;;) {
      await turn()
      while (isHeld()) await new Promise((resolve) => void realTimeout(resolve, 1))
      if (isOver()) return
      const next = this.#queue.shift()
      if (next === undefined) throw new Error('nothing is left to happen, and the simulation is not over')
      if (next.isPending) this.#happen(next)
    }
  }

  #happen(entry: Entry): void {
    this.#now = Math.max(this.#now, entry.at)
    const { owner } = entry
    if (owner !== undefined && owner.stalledUntil > this.#now) {
      this.#enqueue(entry, owner.stalledUntil)
      return
    }
    entry.isPending = false
    entry.timer?.letGo()
    if (entry.isRepeated) this.postpone(entry)
    this.as(owner, entry.call)
  }

  /** Behind all that is to happen at the same time. */
  #enqueue(entry: Entry, at: number): void {
    entry.at = at
    entry.isPending = true
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const there = this.#queue[middle] as Entry
      if (there.at <= at) low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, entry)
  }
}

/** All that follows from what has happened, up to what only a timer or the outside can bring about. */
function turn(): Promise<void> {
  return new Promise((resolve) => void realImmediate(resolve))
}
