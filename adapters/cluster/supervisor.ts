/** A process of the cluster and what it is for. */
export interface Place {
  /** Its name in the log. */
  readonly name: string
  readonly kind: 'server' | 'sync'
}

export interface MemberProcess {
  readonly processId: number | undefined
  /** Asks it to end when it has done what it had accepted. */
  askToEnd(): void
  /** Ends it at once. */
  kill(): void
}

/** What happens to a process. */
export interface MemberEvents {
  /** It does its work. */
  ready(): void
  /** It has said why it cannot begin its work. */
  failed(reason: string): void
  /** It is gone: how. */
  ended(how: string): void
}

export type SupervisorLog = (severity: 'warn' | 'error', message: string, facts: object) => void

export interface SupervisorOptions {
  readonly places: readonly Place[]
  readonly start: (place: Place, events: MemberEvents) => MemberProcess
  /** Calls back once after so many milliseconds, unless the function it returns was called before. */
  readonly timer: (delayMs: number, callback: () => void) => () => void
  readonly log: SupervisorLog
  /** Told once, when it is of no use to start processes again: why. Nothing is started any more then. */
  readonly onGivenUp: (reason: string) => void
}

interface Post {
  readonly place: Place
  member: MemberProcess | undefined
  isReady: boolean
  /** Starts in a row that came to nothing. */
  failures: number
  reason: string | undefined
  cancelRestart: (() => void) | undefined
}

const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 30_000
/** Starts in a row that come to nothing while nobody serves: there is nothing to wait for. */
const FAILURES_MAX = 5

/**
 * Keeps a process at each place: one that dies is started again, after a pause that doubles while starts come to nothing.
 * It gives up where a process says, before all have begun, why it cannot; and after five such starts in a row, unless
 * the cluster has begun and some other process serves.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #posts: readonly Post[]
  #hasBegun = false
  #isEnding = false
  #onReady: (() => void) | undefined
  #onGone: (() => void) | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#posts = options.places.map((place) => ({
      place,
      member: undefined,
      isReady: false,
      failures: 0,
      reason: undefined,
      cancelRestart: undefined
    }))
  }

  /** Starts a process at each place; resolves when all of them have done their work at once, if they ever do. */
  begin(): Promise<void> {
    const begun = new Promise<void>((resolve) => (this.#onReady = resolve))
    for (const post of this.#posts) this.#start(post)
    return begun
  }

  /**
   * Asks the servers to end, and when they are gone the others: what they accepted last is then seen by these too. Who
   * has not ended after `serversMs` is killed. Nothing is started again from now on. Resolves to whether all have ended
   * without that.
   */
  async end(serversMs: number): Promise<boolean> {
    this.#stop()
    let isClean = true
    const cancel = this.#options.timer(serversMs, () => {
      isClean = this.#present('server').length === 0
      for (const post of this.#present('server')) post.member?.kill()
    })
    for (const kind of ['server', 'sync'] as const) {
      for (const { member } of this.#present(kind)) member?.askToEnd()
      while (this.#present(kind).length > 0) await new Promise<void>((resolve) => (this.#onGone = resolve))
    }
    cancel()
    return isClean
  }

  /** Ends all processes at once. */
  kill(): void {
    this.#stop()
    for (const { member } of this.#posts) member?.kill()
  }

  #stop(): void {
    this.#isEnding = true
    for (const post of this.#posts) post.cancelRestart?.()
  }

  #present(kind: Place['kind']): Post[] {
    return this.#posts.filter(({ place, member }) => place.kind === kind && member !== undefined)
  }

  #start(post: Post): void {
    post.cancelRestart = undefined
    post.isReady = false
    post.reason = undefined
    post.member = this.#options.start(post.place, {
      ready: () => this.#ready(post),
      failed: (reason) => (post.reason = reason),
      ended: (how) => this.#bury(post, how)
    })
  }

  #ready(post: Post): void {
    post.isReady = true
    post.failures = 0
    if (this.#hasBegun || this.#posts.some(({ isReady }) => !isReady)) return
    this.#hasBegun = true
    this.#onReady?.()
  }

  #bury(post: Post, how: string): void {
    const { place, member, isReady, reason } = post
    post.member = undefined
    post.isReady = false
    this.#onGone?.()
    if (this.#isEnding) return
    if (!isReady) post.failures += 1
    if (!this.#hasBegun && reason !== undefined) return this.#giveUp(reason)
    if (post.failures >= FAILURES_MAX && !(this.#hasBegun && this.#isServing)) {
      const last = reason ?? how
      return this.#giveUp(`${place.name} ended ${post.failures} times before it had begun: ${last}`)
    }
    const delayMs = Math.min(FIRST_RESTART_MS * 2 ** post.failures, LAST_RESTART_MS)
    const facts = { processId: member?.processId, how, reason, delayMs }
    this.#options.log(isReady ? 'warn' : 'error', `${place.name} ended and is started again`, facts)
    post.cancelRestart = this.#options.timer(delayMs, () => this.#start(post))
  }

  get #isServing(): boolean {
    return this.#posts.some(({ place, isReady }) => place.kind === 'server' && isReady)
  }

  #giveUp(reason: string): void {
    this.#stop()
    this.#options.onGivenUp(reason)
  }
}
