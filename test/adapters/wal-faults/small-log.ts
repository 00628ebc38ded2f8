// Small logs to damage, and what they served before.
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { DamageError } from '../../../adapters/wal/damage.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import type { SequencedEvent } from '../../../domain/unit.ts'
import { ask, dataFolder, openOn, quickDisk, type Asked } from './machine.ts'
import type { Action, PlannedUnit } from './workload.ts'

export const logFolder = `${dataFolder}/log`
export const marker = `${dataFolder}/ledger.json`

/** Three writes of one to three units: few bytes, so that each of them can be damaged in many ways. */
export function fewUnits(): Action[] {
  return [
    { kind: 'ask', units: [adjust('a', 9)] },
    { kind: 'ask', units: [adjust('b', -2, true), adjust('c', -50, true)] },
    { kind: 'ask', units: [adjust('d', 1), adjust('e', 2), adjust('f', 3)] }
  ]
}

function adjust(name: string, delta: number, isKeyed = false): PlannedUnit {
  const command = { type: 'adjust', storeId: 's', sku: 'k', delta, reference: `${name}/0` } as const
  const unit = { at: 1_000_000, lines: [{ command }], atomic: false }
  if (!isKeyed) return { name, unit, isKeyed }
  return {
    name,
    unit: { ...unit, identity: { key: ` ${name}`, fingerprint: name, until: 2_000_000 } },
    isKeyed
  }
}

export interface SmallLog {
  readonly disk: MemoryFileSystem
  /** Its segments, in order. */
  readonly segments: readonly string[]
  readonly asked: readonly Asked[]
  readonly events: readonly SequencedEvent[]
  /** The sequences that were reached when a write had been acknowledged. */
  readonly acknowledged: ReadonlySet<number>
  /** Open still where the log was not to be closed. */
  readonly ledger: WalLedger
}

export interface SmallLogOptions {
  readonly actions: readonly Action[]
  readonly segmentBytesMax: number
  readonly isClosed: boolean
}

export async function smallLog({ actions, segmentBytesMax, isClosed }: SmallLogOptions): Promise<SmallLog> {
  const disk = quickDisk()
  const ledger = await openOn(disk, { segmentBytesMax })
  const asked: Asked[] = []
  const acknowledged = new Set<number>()
  for (const action of actions) {
    if (action.kind !== 'ask') continue
    asked.push(...(await ask(ledger, action.units)))
    acknowledged.add(ledger.health().sequence)
  }
  const events = await ledger.read(1, 1_000_000)
  if (isClosed) await ledger.close()
  const segments = disk.paths().filter((path) => /\/\d+\.wal$/.test(path))
  return { disk, segments, asked, events, acknowledged, ledger }
}

/** What a ledger on the disk serves, or how it refuses to open. Any other error is thrown on. */
export async function serve(
  disk: MemoryFileSystem
): Promise<
  | { readonly refused: DamageError }
  | { readonly events: readonly SequencedEvent[]; readonly ledger: WalLedger }
> {
  let ledger: WalLedger
  try {
    ledger = await openOn(disk)
  } catch (error) {
    if (error instanceof DamageError) return { refused: error }
    throw error
  }
  return { events: await ledger.read(1, 1_000_000), ledger }
}

/** Everything on the disk, to see that nothing was changed. */
export function contents(disk: MemoryFileSystem): Map<string, string> {
  return new Map(disk.paths().map((path) => [path, Buffer.from(disk.readAll(path)).toString('latin1')]))
}

/** Replaces a file's bytes from `position` on. */
export async function overwrite(
  disk: MemoryFileSystem,
  path: string,
  bytes: Uint8Array,
  position: number
): Promise<void> {
  const file = await disk.open(path, 'update')
  await file.writeAt(bytes, position)
  await file.syncData()
  await file.close()
}
