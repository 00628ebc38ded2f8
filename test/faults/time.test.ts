// The service in a time that is not to be relied on: its clock is set, and it stands still for a while.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { Clock } from './clock.ts'
import { FaultRun } from './fault-run.ts'

const hourMs = 3_600_000
/** Forth and back, by less than keys live (ARCHITECTURE.md), in the end right again. */
const wrongByMs = [hourMs, -3 * hourMs, 0]
const stoppedMs = 400

t.test('nothing is lost or done twice while the clock jumps and the process is stopped', async (t) => {
  const folder = t.testdir()
  const clock = new Clock(join(folder, 'clock'))
  const seen: string[] = []
  const run = new FaultRun({
    seed: 20_261_124,
    dataFolder: join(folder, 'data'),
    command: () => ({
      arguments: [...clock.arguments, serverProgram],
      environment: { ...clock.environment, ROLE: 'all' }
    }),
    answers: 0,
    harm: async (run) => {
      for (const ms of wrongByMs) {
        clock.set(ms)
        const answered = run.answered + 40
        await run.until(() => run.answered >= answered)
        const { data } = (await (await fetch(`${await run.server.ready}/api/health`)).json()) as {
          data: { timestamp: string }
        }
        seen.push(`${Math.round((Date.parse(data.timestamp) - Date.now()) / hourMs)} h`)
        run.server.signal('SIGSTOP')
        await delay(stoppedMs)
        run.server.signal('SIGCONT')
      }
      const answered = run.answered + 40
      await run.until(() => run.answered >= answered)
    }
  })
  const { faults, ...counts } = await run.run()
  t.comment(JSON.stringify(counts))
  t.strictSame(faults, [])
  t.strictSame(seen, ['1 h', '-3 h', '0 h'], 'the clock was what it was set to')
  t.equal(counts.starts, 1)
  t.ok(counts.changes > 100, 'changes were acknowledged')
})
