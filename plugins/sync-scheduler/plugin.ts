import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { checkInterval, checkOptions, type SyncSchedulerOptions } from './options.ts'
import { processTimer, Schedule, type ScheduleStatus } from './schedule.ts'

export type { SyncSchedulerOptions } from './options.ts'
export { ScheduleClosedError, type ScheduleStatus, type Timer } from './schedule.ts'

/** A job of the server, as those who have it see it. */
export interface SyncScheduler {
  /**
   * A run that begins after the call: at once, or when the one under way has ended. Calls that come before it has begun
   * share it. Rejects with what the job failed with, or with a ScheduleClosedError.
   */
  run(): Promise<void>
  /** There is something to do: a run follows, unless it is stopped. After a failure it waits for the pause to end. */
  wake(): void
  /** Begins with a run at once; twice is no error. Throws a RangeError for an interval that no timer takes. */
  start(intervalMs?: number): void
  /** Resolves when the run that is under way has ended; twice is no error. */
  stop(): Promise<void>
  readonly status: ScheduleStatus
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly syncScheduler: SyncScheduler
  }
}

async function syncScheduler(fastify: FastifyInstance, options: SyncSchedulerOptions): Promise<void> {
  checkOptions(options)
  const { job, intervalMs, isStopped = false, retryMs = 1000 } = options
  const { timer = processTimer, now = Date.now } = options
  const { onError = (error) => fastify.log.error({ err: error }, 'a scheduled job failed') } = options
  const schedule = new Schedule({ job, intervalMs, retryMs, onError, timer, now })
  fastify.decorate('syncScheduler', {
    run: () => schedule.run(),
    wake: () => schedule.wake(),
    start: (interval) => {
      if (interval !== undefined) checkInterval(interval)
      schedule.start(interval)
    },
    stop: () => schedule.stop(),
    get status() {
      return schedule.status
    }
  })
  // The job may need what is registered after it.
  if (!isStopped) fastify.addHook('onReady', async () => schedule.start())
  fastify.addHook('onClose', () => schedule.close())
}

/** Runs a job now, when something wakes it, and at the latest each interval, never twice at once. */
export default fastifyPlugin(syncScheduler, { name: 'bincard-sync-scheduler', fastify: '5.x' })
