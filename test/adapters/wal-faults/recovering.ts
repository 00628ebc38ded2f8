// A ledger that heals by itself, on a disk that fails by plan, its cooldown in the test's hand.
import assert from 'node:assert/strict'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import { Breaker } from '../../../adapters/resilience/breaker.ts'
import { RecoveringLedger } from '../../../adapters/wal/recovering-ledger.ts'
import { LedgerError, type Ledger } from '../../../domain/ledger.ts'
import { ask, openOn, type Asked } from './machine.ts'
import type { Action, PlannedUnit } from './workload.ts'

export const cooldownMs = 10_000

export interface Recovering {
  readonly ledger: RecoveringLedger
  readonly breaker: Breaker
  readonly failures: unknown[]
  readonly vain: unknown[]
  /** Lets the cooldown pass and waits until the probe that comes then has ended. */
  probe(): Promise<void>
}

export async function openRecovering(fileSystem: FileSystem): Promise<Recovering> {
  const time = { now: 0 }
  const failures: unknown[] = []
  const vain: unknown[] = []
  const breaker = new Breaker({ name: 'fileSystem', threshold: 0.5, cooldownMs, now: () => time.now })
  const states: string[] = []
  breaker.onChange((state) => states.push(state))
  const ledger = await RecoveringLedger.open({
    open: (onFailure, mustExist) => openOn(fileSystem, { onFailure, mustExist }),
    breaker,
    onFailure: (error) => failures.push(error),
    onStillFailing: (error) => vain.push(error)
  })
  const probe = async (): Promise<void> => {
    await until(() => breaker.state === 'open')
    assert.equal(breaker.retryAfterMs, cooldownMs)
    time.now += cooldownMs
    states.length = 0
    // Any write that comes then lets it begin; the timer of the cooldown would do so too.
    await assert.rejects(ledger.execute(nothing), isReadOnly)
    await until(() => states.length >= 2)
    assert.equal(states[0], 'half-open')
  }
  return { ledger, breaker, failures, vain, probe }
}

/** Asks for the planned units until the ledger takes none any more. */
export async function askUntilFailure(
  ledger: Ledger,
  actions: readonly Action[],
  asked: Asked[]
): Promise<readonly PlannedUnit[]> {
  for (const [index, action] of actions.entries()) {
    if (action.kind !== 'ask') continue
    asked.push(...(await ask(ledger, action.units)))
    if (ledger.health().status === 'open') continue
    return actions.slice(index + 1).flatMap((later) => (later.kind === 'ask' ? later.units : []))
  }
  return []
}

export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    assert.ok(turn < 10_000, 'it comes to be so')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function isReadOnly(error: unknown): boolean {
  return error instanceof LedgerError && error.code === 'read_only'
}

const nothing = {
  at: 1,
  lines: [{ command: { type: 'adjust', storeId: 's', sku: 'nothing', delta: 1 } as const }],
  atomic: false
}
