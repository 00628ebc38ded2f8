// A ledger whose disk has failed takes writes again by itself once the disk is well: nothing lost, nothing twice.
import assert from 'node:assert/strict'
import t, { type Test } from 'tap'
import { FaultyFileSystem, type Fault } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { LedgerError, type Ledger } from '../../../domain/ledger.ts'
import { audit, auditReplays, auditRetries } from './auditor.ts'
import { ask, dataFolder, openOn, quickDisk, type Asked } from './machine.ts'
import {
  askUntilFailure,
  cooldownMs,
  isReadOnly,
  openRecovering,
  until,
  type Recovering
} from './recovering.ts'
import { workload, type PlannedUnit } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
const actions = workload({ seed, steps: 9 })
t.comment(`FAULT_SEED=${seed}`)

const everything = 1_000_000

/** Nothing is visible that was not answered, and nothing that was is missing; then the disk is well, and all goes on. */
async function failAndRecover(
  faulty: FaultyFileSystem,
  disk: MemoryFileSystem,
  counts: Counts
): Promise<boolean> {
  const opened = await openRecovering(faulty).catch(() => undefined)
  // At the start it is for people to look at.
  if (opened === undefined) return faulty.surfaced > 0
  const { ledger, failures } = opened
  const asked: Asked[] = []
  const left = await askUntilFailure(ledger, actions, asked)
  if (faulty.surfaced === 0) {
    // The mark that a close writes is the last call that can fail.
    await ledger.close().catch(() => undefined)
    return faulty.surfaced > 0
  }
  if (ledger.health().status === 'open') {
    // A fault that made nobody unsure of the log, such as one at a file that is being cleared away.
    await ledger.close().catch(() => undefined)
    return true
  }
  assert.equal(failures.length, 1, 'told once')
  await assertReadOnly(opened, asked)
  const shown = await ledger.read(1, everything)
  const woken = ledger.waitFor(shown.length + 1)
  await opened.probe()
  assert.equal(ledger.health().status, 'open')
  assert.equal(ledger.recoveries, 1)
  assert.deepEqual(
    (await ledger.read(1, everything)).slice(0, shown.length),
    shown,
    'what was shown is shown'
  )
  await audit(ledger, asked)
  await auditReplays(ledger, asked)
  counts.runs += 1
  counts.survived += ledger.health().sequence > shown.length ? 1 : 0
  const doubted = asked.filter(({ error, planned }) => planned.isKeyed && isInDoubt(error))
  counts.doubted += doubted.length
  // Who was left in doubt asks again under the same key: what had survived is not done again.
  asked.push(
    ...(await ask(
      ledger,
      doubted.map(({ planned }) => planned)
    ))
  )
  await askAll(ledger, left, asked)
  await audit(ledger, asked)
  auditRetries(asked)
  if (ledger.health().sequence > shown.length) await woken
  else woken.catch(() => undefined)
  await assertDurable(disk, asked)
  await ledger.close()
  return true
}

/** All of them are answered. */
async function askAll(ledger: Ledger, units: readonly PlannedUnit[], asked: Asked[]): Promise<void> {
  for (const planned of units) {
    const [answered] = await ask(ledger, [planned])
    assert.ok(answered?.outcome)
    asked.push(answered)
  }
}

interface Counts {
  runs: number
  survived: number
  doubted: number
}

async function assertReadOnly({ ledger, breaker }: Recovering, asked: readonly Asked[]): Promise<void> {
  await audit(ledger, asked)
  const [first] = asked
  assert.ok(first)
  await until(() => breaker.state === 'open')
  const refused = await ledger.execute(first.planned.unit).catch((error: unknown) => error)
  assert.ok(isReadOnly(refused))
  assert.equal((refused as LedgerError).retryAfterMs, cooldownMs)
}

async function assertDurable(disk: MemoryFileSystem, asked: readonly Asked[]): Promise<void> {
  const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
  await audit(after, asked)
  await auditReplays(after, asked)
  await after.close()
}

function isInDoubt(error: unknown): boolean {
  return error instanceof LedgerError && error.code === 'in_doubt'
}

/** Tries the fault that `at` makes for the first, second, ... call until a run sees none, and counts. */
async function tryEach(t: Test, at: (nth: number) => Fault): Promise<Counts> {
  const counts = { runs: 0, survived: 0, doubted: 0 }
  for (let nth = 1; ; nth += 1) {
    const disk = quickDisk()
    try {
      if (!(await failAndRecover(new FaultyFileSystem(disk, [at(nth)]), disk, counts))) break
    } catch (error) {
      t.fail(`FAULT_SEED=${seed}, fault ${JSON.stringify(at(nth))}`, { found: (error as Error).stack })
      return counts
    }
  }
  t.comment(counts)
  return counts
}

t.test('every fdatasync fails once', async (t) => {
  const { runs, survived, doubted } = await tryEach(t, (nth) => {
    return { kind: 'fail', operation: 'syncData', nth, code: 'EIO' }
  })
  t.ok(runs > 5 && doubted > 2)
  t.ok(survived > 2, 'what was written and not synced is found again')
})

for (const code of ['EIO', 'ENOSPC']) {
  t.test(`every append fails once with ${code}`, async (t) => {
    const { runs, survived } = await tryEach(t, (nth) => ({ kind: 'fail', operation: 'append', nth, code }))
    t.ok(runs > 5)
    t.equal(survived, 0, 'what was not written is not found')
  })
}

for (const bytes of [1, 21, 300]) {
  t.test(`every append is cut short after ${bytes} bytes`, async (t) => {
    const { runs } = await tryEach(t, (nth) => ({ kind: 'tear', nth, bytes, code: 'ENOSPC' }))
    t.ok(runs > 5)
  })
}

t.test('a disk that stays full for three cooldowns, and has space again', async (t) => {
  const disk = quickDisk()
  const opened = await openRecovering(disk)
  const { ledger, breaker, vain } = opened
  const asked: Asked[] = []
  disk.capacityBytes = 1500
  const left = await askUntilFailure(ledger, actions, asked)
  t.ok(left.length > 0, 'it became full on the way')
  for (let cooldown = 1; cooldown <= 3; cooldown += 1) {
    await opened.probe()
    t.equal(breaker.state, 'open')
    t.equal(vain.length, cooldown)
    await assertReadOnly(opened, asked)
  }
  disk.capacityBytes = Infinity
  await opened.probe()
  t.equal(breaker.state, 'closed')
  await askAll(ledger, left, asked)
  await audit(ledger, asked)
  await assertDurable(disk, asked)
  await ledger.close()
})

t.test('a probe in which any call fails leaves all as it was', async (t) => {
  let probes = 0
  for (let call = 1; ; call += 1) {
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk)
    const opened = await openRecovering(faulty)
    const { ledger } = opened
    const asked: Asked[] = []
    const broken = faulty.log.filter((operation) => operation === 'syncData').length + 4
    faulty.plan = [{ kind: 'fail', operation: 'syncData', nth: broken, code: 'EIO' }]
    await askUntilFailure(ledger, actions, asked)
    const { surfaced } = faulty
    faulty.plan = [{ kind: 'fail', nth: faulty.calls + call, code: 'EIO' }]
    await opened.probe()
    const isOver = faulty.surfaced === surfaced
    faulty.plan = []
    if (ledger.health().status !== 'open') {
      await assertReadOnly(opened, asked)
      probes += 1
      await opened.probe()
    }
    t.equal(ledger.health().status, 'open')
    await audit(ledger, asked)
    await auditReplays(ledger, asked)
    await assertDurable(disk, asked)
    await ledger.close().catch(() => undefined)
    if (isOver) break
  }
  t.comment({ probes })
  t.ok(probes > 10)
})

t.test('no ledger takes over that lacks what was answered', async (t) => {
  const disk = quickDisk()
  const faulty = new FaultyFileSystem(disk)
  const opened = await openRecovering(faulty)
  const { ledger, vain } = opened
  const asked: Asked[] = []
  const broken = faulty.log.filter((operation) => operation === 'syncData').length + 4
  faulty.plan = [{ kind: 'fail', operation: 'syncData', nth: broken, code: 'EIO' }]
  await askUntilFailure(ledger, actions, asked)
  const { sequence } = ledger.health()
  t.ok(sequence > 0)
  // As where the disk came back without the ledger's folder.
  for (const path of disk.paths()) if (path.startsWith(`${dataFolder}/`)) await disk.remove(path)
  await opened.probe()
  t.match(vain, [{ name: 'DamageError', message: /the segments of its log are missing/ }])
  t.same(
    disk.paths().filter((path) => path.endsWith('.wal')),
    [],
    'none is begun in its place'
  )
  await ledger.close().catch(() => undefined)
})

t.test('closing while it is broken ends everything', async (t) => {
  const faulty = new FaultyFileSystem(quickDisk())
  const { ledger } = await openRecovering(faulty)
  faulty.plan = [{ kind: 'fail', operation: 'append', nth: 1, code: 'EIO', times: Infinity }]
  await askUntilFailure(ledger, actions, [])
  const wait = ledger.waitFor(everything)
  await ledger.close()
  await t.rejects(wait, { code: 'closed' })
  await t.rejects(
    ledger.execute(actions.flatMap((action) => (action.kind === 'ask' ? action.units : []))[0]!.unit),
    {
      code: 'closed'
    }
  )
})
