// Deaths of the machine at each call, the disks that may be found afterwards, and what a restart must show.
import assert from 'node:assert/strict'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import { audit, auditReplays, auditRetries } from './auditor.ts'
import { ask, openOn, quickDisk, run, type Asked } from './machine.ts'
import { workload, type Action } from './workload.ts'

export interface Death {
  readonly call: number
  readonly carriedOut: boolean
  readonly disk: MemoryFileSystem
  readonly asked: readonly Asked[]
}

export function describe({ call, carriedOut }: Death): string {
  return `call ${call}, ${carriedOut ? 'carried out' : 'not carried out'}`
}

/** One death for each call of the workload that is tried and each way to die there, until a run comes to its end alive. */
export async function* deaths(
  actions: readonly Action[],
  seed: number,
  isTried: (call: number) => boolean = () => true
): AsyncGenerator<Death> {
  const random = seededRandom(seed)
  for (let call = 1; ; call += 1) {
    if (!isTried(call)) continue
    for (const part of ['none', 'some', 'all'] as const) {
      const disk = quickDisk()
      const bytes = part === 'some' ? { bytes: below(1200, random) } : undefined
      const carriedOut = part !== 'none'
      const faulty = new FaultyFileSystem(disk, [{ kind: 'crash', nth: call, carriedOut, ...bytes }])
      const { asked } = await run(faulty, actions)
      if (!faulty.crashed) return
      if (part === 'some' && faulty.log[call - 1] !== 'append') continue
      auditRetries(asked)
      yield { call, carriedOut, disk, asked }
    }
  }
}

/** What may be found on the disk after the power came back, and after kill -9. */
export function* disksAfter(
  disk: MemoryFileSystem,
  seeds: readonly number[]
): Generator<[string, MemoryFileSystem]> {
  yield ['nothing unsynced kept', disk.crash({ keepUnsynced: 'none' })]
  yield ['everything kept', disk.crash({ keepUnsynced: 'all' })]
  for (const seed of seeds) yield [`some kept, seed ${seed}`, disk.crash({ keepUnsynced: 'some', seed })]
}

/** One death for each call of a recovery from the disk, and each way to die there. */
export async function* recoveryDeaths(dead: MemoryFileSystem): AsyncGenerator<Pick<Death, 'call' | 'disk'>> {
  for (let call = 1; ; call += 1) {
    for (const carriedOut of [false, true]) {
      const disk = dead.crash({ keepUnsynced: 'all' })
      const faulty = new FaultyFileSystem(disk, [{ kind: 'crash', nth: call, carriedOut }])
      const opening = await openOn(faulty).catch((error: unknown) => error)
      if (!faulty.crashed) return
      assert.ok(opening instanceof Error, 'a ledger whose machine died does not open')
      yield { call, disk }
    }
  }
}

/**
 * Restarts on the disk and asserts that all is as it must be, that a power cut right after the restart changes nothing,
 * that the ledger takes writes again, and that those survive too. Resolves to the number of answers that were replayed.
 */
export async function survives(
  disk: MemoryFileSystem,
  asked: readonly Asked[],
  seed: number
): Promise<number> {
  const first = await openOn(disk)
  await audit(first, asked)
  const replays = await auditReplays(first, asked)
  const sequence = first.health().sequence

  const again = disk.crash({ keepUnsynced: 'none' })
  const second = await openOn(again)
  assert.equal(second.health().sequence, sequence, 'what was served after the restart survives a power cut')
  await audit(second, asked)

  const more = await goOn(second, seed)
  const all = [...asked, ...more]
  await audit(second, all)
  const third = await openOn(again.crash({ keepUnsynced: 'none' }))
  await audit(third, all)
  await auditReplays(third, all)
  await third.close()
  return replays
}

/** More work on a ledger that must take it all. */
export async function goOn(ledger: WalLedger, seed: number): Promise<Asked[]> {
  const more: Asked[] = []
  for (const action of workload({ seed, steps: 3, prefix: 'again-' })) {
    if (action.kind === 'ask') more.push(...(await ask(ledger, action.units)))
  }
  const failed = more.find(({ outcome }) => outcome === undefined)
  if (failed !== undefined) throw failed.error
  assert.equal(ledger.health().status, 'open')
  return more
}
