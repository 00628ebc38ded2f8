import { cpuSeconds } from '../process-figures.ts'
import { LightConnection } from './light-connection.ts'
import { bytesOf, requestsOf, type Request } from './workloads.ts'

export interface OpenLoadInput {
  readonly url: string
  /** The process of the server. */
  readonly pid: number
  readonly connections: number
  readonly seconds: number
  /** Requests that become due, whether or not those before are answered; each connection's next one at once where left out. */
  readonly requestsPerSecond?: number
}

export interface OpenLoadOutput {
  readonly seconds: number
  /** Requests that were to be sent. */
  readonly due: number
  /** Those of them for which no connection was free in time: they were never sent. */
  readonly unsent: number
  readonly accepted: number
  /** Answers with 503. */
  readonly refused: number
  /** Requests whose connection broke: whether they took effect is not known. */
  readonly broken: number
  /** How long each accepted request took from the instant at which it was due, in milliseconds. */
  readonly latenciesMs: readonly number[]
  /** How long after it was due each of them was sent: what the client itself was late. */
  readonly latenessMs: readonly number[]
  /** Processor time that the server used meanwhile. */
  readonly serverCpuSeconds: number
  /** The share of one core that this program took. */
  readonly clientShare: number
}

/** Answered however much there is to do. */
const greeting: Request = { method: 'GET', path: '/api/health/liveness' }

/** A request waits for a connection no longer than this; the newest one gets it. */
const patienceMs = 5

/** A load that does not wait for anybody, over keep-alive connections with one request at a time on each. */
class OpenLoad {
  readonly #input: OpenLoadInput
  readonly #requests: readonly Buffer[]
  readonly #idle: LightConnection[] = []
  readonly #latencies: number[] = []
  readonly #lateness: number[] = []
  readonly #counts = { due: 0, unsent: 0, accepted: 0, refused: 0, broken: 0 }
  /** When those were due that wait for a connection, the oldest first. */
  readonly #waiting: number[] = []
  #sent = 0
  #underWay = 0
  #endsAt = 0

  constructor(input: OpenLoadInput) {
    const url = new URL(input.url)
    this.#input = input
    this.#requests = requestsOf('adjust', 0).map((request) => bytesOf(request, url))
  }

  async run(): Promise<OpenLoadOutput> {
    const { pid, connections, seconds, requestsPerSecond } = this.#input
    this.#idle.push(...(await Promise.all(Array.from({ length: connections }, () => this.#connect()))))
    const all = [...this.#idle]
    const before = process.cpuUsage()
    const serverBefore = await cpuSeconds(pid)
    const startedAt = performance.now()
    this.#endsAt = startedAt + seconds * 1000
    if (requestsPerSecond === undefined) while (this.#idle.length > 0) this.#sendNow()
    else await this.#sendDue(startedAt, requestsPerSecond)
    while (performance.now() < this.#endsAt || this.#underWay > 0) await nextMillisecond()
    const { user, system } = process.cpuUsage(before)
    const serverCpuSeconds = (await cpuSeconds(pid)) - serverBefore
    for (const connection of all) connection.close()
    return {
      ...this.#counts,
      seconds,
      latenciesMs: this.#latencies,
      latenessMs: this.#lateness,
      serverCpuSeconds,
      clientShare: (user + system) / 1000 / (performance.now() - startedAt)
    }
  }

  /** One that the server has taken out of the system's queue: that is no part of what is measured. */
  async #connect(): Promise<LightConnection> {
    const url = new URL(this.#input.url)
    const connection = await LightConnection.open(url)
    const status = await new Promise((resolve) => connection.send(bytesOf(greeting, url), resolve))
    if (status !== 200) throw new Error(`a greeting was answered with ${String(status)}`)
    return connection
  }

  async #sendDue(startedAt: number, requestsPerSecond: number): Promise<void> {
    const intervalMs = 1000 / requestsPerSecond
    for (let now = startedAt; now < this.#endsAt; now = performance.now()) {
      for (let due = startedAt + this.#counts.due * intervalMs; due <= now; due += intervalMs) {
        this.#counts.due += 1
        this.#waiting.push(due)
      }
      this.#sendWaiting()
      this.#giveUp(now - patienceMs)
      await nextMillisecond()
    }
    this.#giveUp(Infinity)
  }

  #sendWaiting(): void {
    while (this.#idle.length > 0) {
      const due = this.#waiting.pop()
      if (due === undefined) return
      this.#send(due)
    }
  }

  /** All that were due before: the load goes on without them. */
  #giveUp(before: number): void {
    const kept = this.#waiting.findIndex((due) => due >= before)
    this.#counts.unsent += this.#waiting.splice(0, kept < 0 ? this.#waiting.length : kept).length
  }

  #sendNow(): void {
    this.#counts.due += 1
    this.#send(performance.now())
  }

  /** REQUIRES: a connection is idle. */
  #send(due: number): void {
    const connection = this.#idle.pop() as LightConnection
    const request = this.#requests[this.#sent++ % this.#requests.length] as Buffer
    const sentAt = performance.now()
    this.#underWay += 1
    connection.send(request, (status) => {
      this.#underWay -= 1
      this.#count(status, due, sentAt)
      if (status === undefined) return
      this.#idle.push(connection)
      if (performance.now() >= this.#endsAt) return
      if (this.#input.requestsPerSecond === undefined) this.#sendNow()
      else this.#sendWaiting()
    })
  }

  #count(status: number | undefined, due: number, sentAt: number): void {
    if (status === undefined) {
      this.#counts.broken += 1
    } else if (status === 503) {
      this.#counts.refused += 1
    } else if (status === 200) {
      this.#counts.accepted += 1
      this.#latencies.push(rounded(performance.now() - due))
      this.#lateness.push(rounded(sentAt - due))
    } else {
      throw new Error(`a request was answered with ${status}`)
    }
  }
}

/** Whole microseconds are enough, and shorter to print. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}

function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

console.log(JSON.stringify(await new OpenLoad(JSON.parse(process.argv[2] ?? '') as OpenLoadInput).run()))
