// The service on a system whose calls fail, at the very call that was chosen.
import { join } from 'node:path'
import t from 'tap'
import { verify } from '../../adapters/verification/verification.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { FaultRun } from './fault-run.ts'
import { injections, noTracing, tracedServer } from './traced-server.ts'

interface Case {
  readonly fault: string
  /** Whether only calls on the log's first segment are meant. */
  readonly onLog?: boolean
  /** Whether clients are left without an answer for a while. */
  readonly isNoticed: boolean
  readonly starts: number
  /** Whether it is tried only when all places are (CONTRIBUTING.md). */
  readonly isRare?: boolean
}

const isExhaustive = process.env['EXHAUSTIVE'] === '1'

const cases: Record<string, Case> = {
  'a sync that fails': { fault: 'fdatasync:error=EIO:when=30', isNoticed: true, starts: 1 },
  'a disk that is full for some writes': {
    fault: 'write:error=ENOSPC:when=20..22',
    onLog: true,
    isNoticed: true,
    starts: 1
  },
  'a write that fails': {
    fault: 'write:error=EIO:when=25',
    onLog: true,
    isNoticed: true,
    starts: 1,
    isRare: true
  },
  'slow syncs': {
    fault: 'fdatasync:delay_enter=100000:when=20+10',
    isNoticed: false,
    starts: 1,
    isRare: true
  },
  'a kill in a sync': { fault: 'fdatasync:signal=SIGKILL:when=25', isNoticed: true, starts: 2 },
  'a kill in a write': {
    fault: 'write:signal=SIGKILL:when=25',
    onLog: true,
    isNoticed: true,
    starts: 2,
    isRare: true
  }
}

t.test('a server that crashes dies of it, and its folder is whole', async (t) => {
  const dataFolder = join(t.testdir(), 'data')
  const start = () =>
    new ServerProcess({
      arguments: [serverProgram],
      environment: { ...serviceEnvironment(dataFolder), ROLE: 'api' }
    })
  const server = start()
  t.teardown(() => server.end('SIGKILL'))
  await server.ready
  server.signal('SIGSEGV')
  // Whoever watches over it has to see that it is gone.
  t.equal(await server.exit(), 'SIGSEGV')
  t.strictSame((await verify(dataFolder)).differences, [])
})

t.test('nothing is lost or done twice on a system whose calls fail', { skip: noTracing() }, async (t) => {
  for (const [name, { fault, onLog = false, isNoticed, starts, isRare = false }] of Object.entries(cases)) {
    if (isRare && !isExhaustive) continue
    await t.test(name, async (t) => {
      const dataFolder = join(t.testdir(), 'data')
      const trace = join(t.testdirName, 'trace')
      const injection = onLog ? { fault, path: join(dataFolder, 'log/0000000000000001.wal') } : { fault }
      const run = new FaultRun({
        seed: 20_261_121,
        dataFolder,
        command: (start) => (start === 1 ? tracedServer(injection, trace) : { arguments: [serverProgram] }),
        answers: 150,
        harm: async (run) => {
          if (isNoticed) await run.until(() => run.unanswered > 0)
          await run.until(() => run.starts === starts)
        }
      })
      const { faults, ...counts } = await run.run()
      t.comment(JSON.stringify(counts))
      t.strictSame(faults, [])
      t.ok((await injections(trace)) > 0, 'the fault was there')
      t.equal(counts.starts, starts)
      t.ok(counts.changes > 50, 'changes were acknowledged')
    })
  }
})
