import t from 'tap'
import { Supervisor, type MemberEvents, type Place } from '../../../adapters/cluster/supervisor.ts'
import { ManualClock } from '../sync/manual-clock.ts'

const places: Place[] = [
  { name: 'one', kind: 'server' },
  { name: 'two', kind: 'server' },
  { name: 'sync', kind: 'sync' }
]

/** Processes that do what the test says, and what was done to them. */
class Staff {
  readonly clock = new ManualClock()
  readonly done: string[] = []
  readonly givenUp: string[] = []
  readonly present = new Map<string, MemberEvents>()
  readonly supervisor: Supervisor

  constructor() {
    this.supervisor = new Supervisor({
      places,
      start: ({ name }, events) => {
        this.done.push(`start ${name}`)
        this.present.set(name, events)
        return {
          processId: 1,
          askToEnd: () => this.done.push(`ask ${name}`),
          kill: () => {
            this.done.push(`kill ${name}`)
            this.end(name, 'signal SIGKILL')
          }
        }
      },
      timer: this.clock.timer,
      log: () => undefined,
      onGivenUp: (reason) => this.givenUp.push(reason)
    })
  }

  ready(...names: string[]): void {
    for (const name of names) this.present.get(name)?.ready()
  }

  end(name: string, how: string): void {
    const events = this.present.get(name)
    this.present.delete(name)
    events?.ended(how)
  }

  /** What was done since the last look. */
  take(): string[] {
    return this.done.splice(0)
  }
}

async function running(): Promise<Staff> {
  const staff = new Staff()
  const begun = staff.supervisor.begin()
  staff.ready('one', 'two', 'sync')
  await begun
  staff.take()
  return staff
}

t.test('it has begun when all have, and whoever dies is started again', async (t) => {
  const staff = new Staff()
  let hasBegun = false
  const begun = staff.supervisor.begin().then(() => (hasBegun = true))
  t.strictSame(staff.take(), ['start one', 'start two', 'start sync'])
  staff.ready('one', 'two')
  staff.end('one', 'signal SIGKILL')
  staff.ready('sync')
  await Promise.resolve()
  t.notOk(hasBegun, 'one of them is gone again')
  staff.clock.pass(99)
  t.strictSame(staff.take(), [])
  staff.clock.pass(1)
  t.strictSame(staff.take(), ['start one'])
  staff.ready('one')
  await begun
  for (let death = 0; death < 20; death += 1) {
    staff.end('two', 'exit code 1')
    staff.clock.pass(100)
    t.strictSame(staff.take(), ['start two'], 'one that had begun is never given up')
    staff.ready('two')
  }
  t.strictSame(staff.givenUp, [])
})

t.test('a process that says at the start why it cannot ends it all', async (t) => {
  const staff = new Staff()
  void staff.supervisor.begin()
  staff.ready('two')
  staff.present.get('one')?.failed('damage in the log')
  staff.end('one', 'exit code 1')
  t.strictSame(staff.givenUp, ['damage in the log'])
  staff.end('two', 'exit code 1')
  t.equal(staff.clock.waiting, 0, 'nothing is started again')
})

t.test('starts that come to nothing are further and further apart, and given up after five', async (t) => {
  const staff = new Staff()
  void staff.supervisor.begin()
  staff.take()
  for (const delayMs of [200, 400, 800, 1600]) {
    staff.end('one', 'signal SIGSEGV')
    staff.clock.pass(delayMs - 1)
    t.strictSame(staff.take(), [])
    staff.clock.pass(1)
    t.strictSame(staff.take(), ['start one'])
  }
  staff.end('one', 'signal SIGSEGV')
  t.strictSame(staff.givenUp, ['one ended 5 times before it had begun: signal SIGSEGV'])
})

t.test('once it has begun it goes on as long as any server serves', async (t) => {
  const staff = await running()
  for (let death = 0; death < 30; death += 1) {
    staff.end('one', 'exit code 1')
    staff.clock.pass(30_000)
  }
  t.equal(staff.take().length, 30)
  t.strictSame(staff.givenUp, [])
  staff.end('two', 'exit code 1')
  staff.present.get('one')?.failed('the disk is gone')
  staff.end('one', 'exit code 1')
  t.strictSame(staff.givenUp, ['one ended 30 times before it had begun: the disk is gone'])
})

t.test('the servers end first, then the sync worker, and nobody is started again', async (t) => {
  const staff = await running()
  const ended = staff.supervisor.end(1000)
  t.strictSame(staff.take(), ['ask one', 'ask two'])
  staff.end('one', 'exit code 0')
  await Promise.resolve()
  t.strictSame(staff.take(), [])
  staff.end('two', 'exit code 0')
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(staff.take(), ['ask sync'])
  staff.end('sync', 'exit code 0')
  t.equal(await ended, true)
  t.equal(staff.clock.waiting, 0)
  t.strictSame(staff.take(), [])
})

t.test('a server that does not end is killed, and that is told', async (t) => {
  const staff = await running()
  const ended = staff.supervisor.end(1000)
  staff.end('one', 'exit code 0')
  staff.clock.pass(1000)
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(staff.take(), ['ask one', 'ask two', 'kill two', 'ask sync'])
  staff.end('sync', 'exit code 0')
  t.equal(await ended, false)
})

t.test('killing leaves nobody', async (t) => {
  const staff = await running()
  staff.end('one', 'exit code 1')
  staff.supervisor.kill()
  t.strictSame(staff.take(), ['kill two', 'kill sync'])
  staff.clock.pass(60_000)
  t.strictSame(staff.take(), [])
})
