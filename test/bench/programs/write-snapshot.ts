import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { ReadingInput } from './reading.ts'

export interface WriteSnapshotOutput {
  readonly milliseconds: number
  readonly bytes: number
  /** The longest that the event loop did not turn while it was written. */
  readonly longestTurnMs: number
}

/** What the sync worker does now and then. */
async function writeSnapshot({ dataFolder }: ReadingInput): Promise<WriteSnapshotOutput> {
  const ledger = await openWalLedger({ dataFolder })
  let longestTurnMs = 0
  let turned = performance.now()
  const turns = setInterval(() => {
    longestTurnMs = Math.max(longestTurnMs, performance.now() - turned)
    turned = performance.now()
  }, 0)
  const { durationMs, bytes } = await ledger.writeSnapshot()
  clearInterval(turns)
  await ledger.close()
  return { milliseconds: durationMs, bytes, longestTurnMs }
}

console.log(JSON.stringify(await writeSnapshot(JSON.parse(process.argv[2] ?? '') as ReadingInput)))
