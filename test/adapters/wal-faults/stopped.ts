// What a ledger must do once a write or a sync has failed, and what must be true when it is opened again.
import assert from 'node:assert/strict'
import type { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { LedgerError } from '../../../domain/ledger.ts'
import { audit, auditReplays, auditRetries } from './auditor.ts'
import { goOn } from './crash.ts'
import { openOn, run, type Asked, type Run } from './machine.ts'
import type { Action } from './workload.ts'

export interface Stop {
  readonly asked: readonly Asked[]
  /** Whether the ledger was open when it failed, and so had to go on with reads. */
  readonly wasOpen: boolean
  readonly inDoubt: number
}

/** Lets a workload run into the faults of the file system and asserts that the ledger stops as it must. */
export async function runIntoFault(faulty: FaultyFileSystem, actions: readonly Action[]): Promise<Stop> {
  const failures: unknown[] = []
  const ended = await run(faulty, actions, { onFailure: (error) => failures.push(error) })
  const { asked, ledger } = ended
  auditRetries(asked)
  const inDoubt = asked.filter(
    ({ error }) => error instanceof LedgerError && error.code === 'in_doubt'
  ).length
  if (ledger === undefined || ledger.health().status === 'open') {
    assert.equal(failures.length, 0)
    await ledger?.close().catch(() => undefined)
    return { asked, wasOpen: false, inDoubt }
  }
  assert.equal(failures.length, 1, 'told once')
  await assertStopped(ended, faulty)
  assert.equal(failures.length, 1, 'told once, whatever is asked afterwards')
  return { asked, wasOpen: true, inDoubt }
}

async function assertStopped({ asked, ledger }: Run, faulty: FaultyFileSystem): Promise<void> {
  assert.ok(ledger)
  const calls = faulty.calls
  const { status, cause, queueDepth } = ledger.health()
  assert.equal(status, 'read_only')
  assert.match(cause ?? '', /the ledger takes no writes: .+/)
  assert.equal(queueDepth, 0)
  for (const { error, outcome } of asked) {
    if (outcome !== undefined) continue
    assert.ok(error instanceof LedgerError)
    assert.ok(error.code === 'in_doubt' || error.code === 'read_only', `in flight: ${error.code}`)
  }
  await audit(ledger, asked)
  const shown = await ledger.read(1, 1_000_000)
  const references = new Set(shown.map(({ event }) => event.reference?.split('/')[0]))
  const answered = new Set(
    asked.filter(({ outcome }) => outcome !== undefined).map(({ planned }) => planned.name)
  )
  for (const { planned } of asked) {
    if (!answered.has(planned.name))
      assert.ok(!references.has(planned.name), `${planned.name} is not visible`)
  }
  const later = asked[0]
  assert.ok(later)
  await assert.rejects(ledger.execute(later.planned.unit), { name: 'LedgerError', code: 'read_only' })
  await ledger.close()
  await assert.rejects(ledger.execute(later.planned.unit), { name: 'LedgerError', code: 'closed' })
  const after = faulty.log.slice(calls)
  for (const operation of ['append', 'writeAt', 'syncData', 'syncFolder', 'rename'] as const) {
    assert.ok(!after.includes(operation), `no ${operation} after the failure`)
  }
}

/**
 * Opens the ledger again on the same page cache and asserts that everything acknowledged is there, that it takes
 * writes, and that all it serves survives the power cut that comes next, at the opening and after the new writes.
 */
export async function goesOn(disk: MemoryFileSystem, asked: readonly Asked[], seed: number): Promise<void> {
  const ledger = await openOn(disk)
  await audit(ledger, asked)
  const served = await ledger.read(1, 1_000_000)
  await assertServedAfterPowerCut(disk, served)
  await auditReplays(ledger, asked)
  const all = [...asked, ...(await goOn(ledger, seed))]
  await audit(ledger, all)
  await assertServedAfterPowerCut(disk, await ledger.read(1, 1_000_000))
  await ledger.close()
  const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
  await audit(after, all)
  await auditReplays(after, all)
  await after.close()
}

async function assertServedAfterPowerCut(disk: MemoryFileSystem, served: readonly unknown[]): Promise<void> {
  const ledger = await openOn(disk.crash({ keepUnsynced: 'none' }))
  assert.deepEqual(await ledger.read(1, 1_000_000), served, 'what was served survives the power cut')
  await ledger.close()
}
