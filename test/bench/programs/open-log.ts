import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { ReadingInput, ReadingOutput } from './reading.ts'

/** What the service does before it takes its first request. */
async function openLog({ dataFolder }: ReadingInput): Promise<ReadingOutput> {
  const started = performance.now()
  const ledger = await openWalLedger({ dataFolder })
  const milliseconds = performance.now() - started
  const { sequence } = ledger.health()
  await ledger.close()
  return { milliseconds, events: sequence }
}

console.log(JSON.stringify(await openLog(JSON.parse(process.argv[2] ?? '') as ReadingInput)))
