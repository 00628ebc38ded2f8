import { fromPrimary, type FromMember } from './messages.ts'

/** What the processes of a cluster do: serve requests, or keep the central model. */
export type MemberKind = 'server' | 'sync'

/** Tells a process what it is in a cluster: `server/3` is one of three servers. Set by the primary only. */
export const memberVariable = 'BINCARD_CLUSTER_MEMBER'

/** The way to the primary: that of Node to a parent process, or a test's. */
export interface PrimaryChannel {
  send(message: FromMember, sent: () => void): void
  onMessage(listener: (message: unknown) => void): void
}

interface Pending {
  readonly resolve: (payload: unknown) => void
  readonly reject: (reason: Error) => void
}

/** One process of a cluster, as it sees itself. */
export class ClusterMember {
  readonly kind: MemberKind
  /** How many servers the cluster has. */
  readonly serverCount: number
  readonly #channel: PrimaryChannel
  readonly #pending = new Map<number, Pending>()
  #asked = 0
  #shutdown: (() => void) | undefined
  #isShutdownDue = false
  #figures: () => Promise<unknown> = () => Promise.resolve(undefined)

  constructor(kind: MemberKind, serverCount: number, channel: PrimaryChannel) {
    this.kind = kind
    this.serverCount = serverCount
    this.#channel = channel
    channel.onMessage((message) => this.#take(message))
  }

  /** What this process is; undefined where no primary of ours has started it. */
  static ofProcess(variables: NodeJS.ProcessEnv): ClusterMember | undefined {
    const [, kind, count] = /^(server|sync)\/(\d+)$/.exec(variables[memberVariable] ?? '') ?? []
    if (kind === undefined || process.send === undefined) return undefined
    return new ClusterMember(kind as MemberKind, Number(count), {
      send: (message, sent) => process.send?.(message, sent),
      onMessage: (listener) => process.on('message', listener)
    })
  }

  /** Asks the primary; rejects with an Error where nobody there knows the topic, or it could not be answered. */
  ask(topic: string, payload: unknown): Promise<unknown> {
    this.#asked += 1
    const id = this.#asked
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#channel.send({ kind: 'bincard:ask', id, topic, payload }, () => undefined)
    })
  }

  /** Says that it does its work now. */
  ready(): void {
    this.#channel.send({ kind: 'bincard:ready' }, () => undefined)
  }

  /** Says why it cannot begin its work; resolves when that is on its way. */
  fail(reason: string): Promise<void> {
    return new Promise((resolve) => this.#channel.send({ kind: 'bincard:failed', reason }, resolve))
  }

  /** Calls back when the primary asks this process to end, at once if it has asked already. One listener at a time. */
  onShutdown(listener: () => void): void {
    this.#shutdown = listener
    if (this.#isShutdownDue) listener()
  }

  /** Gives the primary what `figures` resolves to whenever it gathers what all processes have counted. */
  onGather(figures: () => Promise<unknown>): void {
    this.#figures = figures
  }

  async #giveFigures(id: number): Promise<void> {
    // Who cannot say what it has counted is left out.
    const payload = await this.#figures().catch(() => undefined)
    this.#channel.send({ kind: 'bincard:gathered', id, payload }, () => undefined)
  }

  #take(received: unknown): void {
    const message = fromPrimary(received)
    if (message === undefined) return
    if (message.kind === 'bincard:shutdown') {
      this.#isShutdownDue = true
      this.#shutdown?.()
      return
    }
    if (message.kind === 'bincard:gather') {
      void this.#giveFigures(message.id)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.kind === 'bincard:answer') pending?.resolve(message.payload)
    else pending?.reject(new Error(message.reason))
  }
}
