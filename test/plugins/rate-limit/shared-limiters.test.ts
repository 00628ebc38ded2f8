// Several processes that ask one for their limits, the messages between them in the test's hand.
import fc from 'fast-check'
import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { LimitDesk } from '../../../plugins/rate-limit/limit-desk.ts'
import type { LimitedApi } from '../../../plugins/rate-limit/limited-api.ts'
import type { Decision } from '../../../plugins/rate-limit/limiter.ts'
import { limitersOf, shareOf } from '../../../plugins/rate-limit/limiters.ts'
import type { Limiters } from '../../../plugins/rate-limit/options.ts'
import { sharedLimiters } from '../../../plugins/rate-limit/shared-limiters.ts'
import { ManualClock, until } from '../../adapters/sync/manual-clock.ts'

const { rateLimit } = loadConfiguration({})
const limits = { ...rateLimit, requestsPerSecond: 10, burst: 20, requestsPerMinute: 12 }
const patienceMs = 250

/** A primary and so many processes; `isDeaf` keeps its answers back. */
class TestCluster {
  readonly clock = new ManualClock()
  readonly processes: Limiters[]
  readonly questions: unknown[] = []
  alone = 0
  isDeaf = false
  #held: (() => void)[] = []

  constructor(processCount: number) {
    const desk = new LimitDesk(limitersOf(limits), () => this.clock.now)
    this.processes = Array.from({ length: processCount }, () =>
      sharedLimiters({
        limits: limitersOf(limits),
        share: limitersOf(shareOf(limits, processCount)),
        ask: async (question) => {
          this.questions.push(question)
          // As over a channel: copies of plain data.
          const answer: unknown = JSON.parse(
            JSON.stringify(await desk.answer(JSON.parse(JSON.stringify(question))))
          )
          if (this.isDeaf) await new Promise<void>((resolve) => this.#held.push(resolve))
          return answer
        },
        timer: this.clock.timer,
        patienceMs,
        onAlone: () => (this.alone += 1)
      })
    )
  }

  answerAll(): void {
    this.isDeaf = false
    for (const release of this.#held.splice(0)) release()
  }

  async take(process: number, api: LimitedApi = 'central', client = '192.0.2.1'): Promise<Decision> {
    return await this.processes[process]![api].take(client, 0)
  }
}

const countOf = (decisions: readonly Decision[]): number => decisions.filter(({ allowed }) => allowed).length

t.test('any number of processes let in what one would, whichever of them is asked', async (t) => {
  const step = fc.record({
    process: fc.nat(3),
    client: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    api: fc.constantFrom<LimitedApi>('store', 'central', 'administration'),
    pauseMs: fc.constantFrom(0, 0, 0, 40, 5000)
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 120 }), async (steps) => {
      const cluster = new TestCluster(4)
      const alone = limitersOf(limits)
      const began = cluster.clock.now
      for (const { process, client, api, pauseMs } of steps) {
        cluster.clock.pass(pauseMs)
        const shared = await cluster.take(process, api, client)
        const expected = await alone[api].take(client, cluster.clock.now - began)
        if (JSON.stringify(shared) !== JSON.stringify(expected)) {
          throw new Error(`${JSON.stringify(shared)} where one process says ${JSON.stringify(expected)}`)
        }
      }
      t.equal(cluster.alone, 0)
    }),
    { numRuns: 20 }
  )
})

t.test('the requests of one turn are one question, and each gets its own answer', async (t) => {
  const cluster = new TestCluster(2)
  const decisions = await Promise.all(Array.from({ length: 30 }, () => cluster.take(0, 'store')))
  t.equal(cluster.questions.length, 1)
  t.equal(countOf(decisions), 20)
  t.strictSame(
    decisions.slice(0, 3).map(({ remaining, limit }) => [remaining, limit]),
    [
      [19, 20],
      [18, 20],
      [17, 20]
    ]
  )
  t.match(await cluster.take(1, 'store'), { allowed: false, limit: 20, remaining: 0, resetMs: 100 })
})

t.test('while nobody answers a process keeps to its share, and comes back when it is answered', async (t) => {
  const cluster = new TestCluster(3)
  cluster.isDeaf = true
  const first = cluster.take(0)
  await until(() => cluster.questions.length === 1)
  cluster.clock.pass(patienceMs)
  t.match(await first, { allowed: true, limit: 12, remaining: 3 })
  t.equal(cluster.alone, 1)
  const more = []
  for (let request = 0; request < 6; request += 1) more.push(await cluster.take(0))
  t.equal(countOf(more), 3, 'four of twelve in all: a third')
  t.equal(cluster.questions.length, 1, 'nobody is asked meanwhile')
  t.match(await cluster.processes[0]!.central.clients(0, 5), [{ clientId: '192.0.2.1', requestCount: 4 }])

  cluster.answerAll()
  await until(async () => (await cluster.take(0)).allowed)
  t.ok(cluster.questions.length > 1)
  t.equal(cluster.alone, 1)
})

t.test('a question that fails is decided alone too', async (t) => {
  let alone = 0
  const shared = sharedLimiters({
    limits: limitersOf(limits),
    share: limitersOf(shareOf(limits, 2)),
    ask: () => Promise.reject(new Error('nobody answers for it')),
    timer: new ManualClock().timer,
    patienceMs,
    onAlone: () => (alone += 1)
  })
  t.match(await shared.store.take('192.0.2.1', 0), { allowed: true, remaining: 9, limit: 20 })
  t.equal(alone, 1)
})

t.test('every process tells of the clients of all, on its own clock', async (t) => {
  const cluster = new TestCluster(2)
  await cluster.take(0, 'central', '192.0.2.7')
  await cluster.take(1, 'central', '192.0.2.7')
  await cluster.take(1, 'central', '192.0.2.8')
  cluster.clock.pass(500)
  for (const { central } of cluster.processes) {
    t.strictSame(await central.clients(10_000, 10), [
      { clientId: '192.0.2.7', requestCount: 2, isBlocked: false, oldestAt: 9500 },
      { clientId: '192.0.2.8', requestCount: 1, isBlocked: false, oldestAt: 9500 }
    ])
    t.match(await central.clients(10_000, 1), [{ clientId: '192.0.2.7' }])
  }
})

t.test('what is no question is refused', async (t) => {
  const desk = new LimitDesk(limitersOf(limits), Date.now)
  for (const question of [undefined, {}, { takes: [[3, 'a']] }, { takes: [[0, 1]] }, { busiest: 0 }]) {
    await t.rejects(desk.answer(question), TypeError)
  }
})
