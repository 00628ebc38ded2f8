import Fastify from 'fastify'
import t, { type Test } from 'tap'
import syncScheduler, { type SyncSchedulerOptions } from '../../../plugins/sync-scheduler/plugin.ts'
import { ManualClock, until } from '../../adapters/sync/manual-clock.ts'

const intervalMs = 60_000

/** A job that a test lets come to its end, and what became of it. */
class Work {
  readonly ends: ((error?: Error) => void)[] = []
  readonly errors: unknown[] = []
  atOnce = 0
  mostAtOnce = 0
  signal: AbortSignal | undefined

  readonly job = (signal: AbortSignal): Promise<void> => {
    this.signal = signal
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    return new Promise<void>((resolve, reject) => {
      this.ends.push((error) => (error === undefined ? resolve() : reject(error)))
    }).finally(() => (this.atOnce -= 1))
  }

  /** Ends the run that began as the n-th, from 1, once it has begun. */
  async end(nth: number, error?: Error): Promise<void> {
    await until(() => this.ends.length >= nth)
    this.ends[nth - 1]?.(error)
  }
}

async function start(t: Test, options: Partial<SyncSchedulerOptions> = {}) {
  const work = new Work()
  const clock = new ManualClock()
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(syncScheduler, {
    job: work.job,
    intervalMs,
    onError: (error) => work.errors.push(error),
    timer: clock.timer,
    now: () => clock.now,
    ...options
  })
  await fastify.ready()
  const { syncScheduler: schedule } = fastify
  const idle = (runs: number): Promise<void> =>
    until(() => schedule.status.runs === runs && !schedule.status.isBusy)
  return { work, clock, fastify, schedule, idle }
}

t.test('a run at once, then one each interval, counted from the end of the one before', async (t) => {
  const { work, clock, schedule, idle } = await start(t)
  await until(() => schedule.status.isBusy)
  const startedAt = clock.now
  clock.pass(5 * intervalMs)
  await work.end(1)
  await idle(1)
  t.equal(work.ends.length, 1, 'none was begun beside it')
  t.strictSame(schedule.status, {
    isRunning: true,
    isBusy: false,
    intervalMs,
    runs: 1,
    failures: 0,
    lastStartedAt: startedAt,
    lastEndedAt: clock.now
  })
  clock.pass(intervalMs - 1)
  t.equal(schedule.status.isBusy, false)
  clock.pass(1)
  await work.end(2)
  await idle(2)
})

t.test('wakes during a run bring one more, calls of run share it, and no two overlap', async (t) => {
  const { work, schedule, idle } = await start(t)
  await until(() => schedule.status.isBusy)
  schedule.wake()
  schedule.wake()
  const asked = [schedule.run(), schedule.run()]
  await work.end(1)
  await work.end(2)
  await Promise.all(asked)
  await idle(2)
  schedule.wake()
  await work.end(3)
  await idle(3)
  t.equal(work.mostAtOnce, 1)
})

t.test(
  'a failure is told, tried again after a pause that doubles, and forgotten with the next success',
  async (t) => {
    const { work, clock, schedule, idle } = await start(t, { retryMs: 1000 })
    await work.end(1, new Error('no network'))
    await idle(1)
    t.match(schedule.status, { lastError: 'no network', failures: 1 })
    schedule.wake()
    clock.pass(999)
    t.equal(schedule.status.isBusy, false, 'it is not woken out of the pause')
    clock.pass(1)
    await work.end(2, new Error('still none'))
    await idle(2)
    clock.pass(1999)
    t.equal(work.ends.length, 2)
    const asked = schedule.run()
    await work.end(3, new Error('asked in vain'))
    await t.rejects(asked, { message: 'asked in vain' })
    clock.pass(4000)
    await work.end(4)
    await idle(4)
    t.equal(schedule.status.lastError, undefined)
    t.match(schedule.status, { runs: 4, failures: 3 })
    t.equal(work.errors.length, 3)
    clock.pass(intervalMs - 1)
    t.equal(work.ends.length, 4)
  }
)

t.test('stop and start, twice each, and another interval', async (t) => {
  const { work, clock, schedule, idle } = await start(t, { isStopped: true })
  schedule.wake()
  clock.pass(10 * intervalMs)
  t.match(schedule.status, { isRunning: false, runs: 0, isBusy: false })
  const asked = schedule.run()
  await work.end(1)
  await asked
  t.equal(clock.waiting, 0, 'a run that was asked for begins no schedule')
  schedule.start()
  schedule.start()
  await work.end(2)
  await idle(2)
  schedule.start(500)
  clock.pass(500)
  await until(() => schedule.status.isBusy)
  let isStopped = false
  const stopping = Promise.all([schedule.stop(), schedule.stop()]).then(() => (isStopped = true))
  await new Promise(setImmediate)
  t.equal(isStopped, false, 'it waits for the run under way')
  await work.end(3)
  await stopping
  t.equal(clock.waiting, 0)
  t.match(schedule.status, { isRunning: false, intervalMs: 500, runs: 3 })
  t.throws(() => schedule.start(0), RangeError)
  t.throws(() => schedule.start(2 ** 31), RangeError)
})

t.test('it ends with the server, which waits for the run under way', async (t) => {
  const { work, clock, fastify, schedule } = await start(t)
  await until(() => schedule.status.isBusy)
  const waiting = schedule.run()
  const closing = fastify.close()
  await until(() => work.signal?.aborted === true)
  await work.end(1)
  await t.rejects(waiting, { code: 'BINCARD_SCHEDULE_CLOSED', statusCode: 503 })
  await closing
  schedule.start()
  await t.rejects(schedule.run(), { name: 'ScheduleClosedError' })
  t.equal(clock.waiting, 0)
  t.equal(work.ends.length, 1)
})

t.test('a job that throws at once, the log, real timers, and two jobs in scopes of their own', async (t) => {
  const lines: string[] = []
  const fastify = Fastify({ logger: { stream: { write: (line: string) => lines.push(line) } } })
  let others = 0
  const failing = () => {
    throw new TypeError('thrown')
  }
  await fastify.register(syncScheduler, { job: failing, intervalMs: 3_600_000 })
  await fastify.register(async (scope) => {
    await scope.register(syncScheduler, { job: async () => (others += 1), intervalMs: 1 })
  })
  await fastify.ready()
  await until(() => others > 2 && fastify.syncScheduler.status.runs === 1)
  t.match(fastify.syncScheduler.status, { lastError: 'thrown' })
  t.match(lines.join(''), 'a scheduled job failed')
  await fastify.close()
})

t.test('options that do not fit are named', async (t) => {
  const table: [object, RegExp][] = [
    [{ intervalMs: 5 }, /option job: must be a function/],
    [{ job: () => undefined }, /option intervalMs: must be a whole number of milliseconds from 1/],
    [{ job: () => undefined, intervalMs: 0 }, /option intervalMs/],
    [{ job: () => undefined, intervalMs: 2 ** 31 }, /option intervalMs/],
    [{ job: () => undefined, intervalMs: 5, isStopped: 'no' }, /option isStopped: must be true or false/],
    [{ job: () => undefined, intervalMs: 5, timer: 7 }, /option timer: must be a function that sets a timer/],
    [{ job: () => undefined, intervalMs: 5, period: 7 }, /option period/]
  ]
  for (const [options, message] of table) {
    const fastify = Fastify()
    await t.rejects((async () => await fastify.register(syncScheduler, options as SyncSchedulerOptions))(), {
      message
    })
  }
})
