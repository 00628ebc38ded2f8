import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Unit } from '../../../domain/unit.ts'

export interface WriteLogInput {
  readonly dataFolder: string
  readonly events: number
  /** The events go round these records, one after the other. */
  readonly records: number
}

const stores = 20
const unitsAtOnce = 2000

/** A log of single adjusts, each a frame of its own. */
async function writeLog({ dataFolder, events, records }: WriteLogInput): Promise<void> {
  const ledger = await openWalLedger({ dataFolder, queueDepthMax: unitsAtOnce })
  for (let first = 0; first < events; first += unitsAtOnce) {
    const count = Math.min(unitsAtOnce, events - first)
    await Promise.all(
      Array.from({ length: count }, (_, index) => ledger.execute(unitOf((first + index) % records)))
    )
  }
  const { sequence } = ledger.health()
  await ledger.close()
  if (sequence !== events) throw new Error(`the log holds ${sequence} events, not ${events}`)
}

function unitOf(record: number): Unit {
  const storeId = `STORE${(record % stores).toString().padStart(3, '0')}`
  const sku = `SKU-${record.toString().padStart(7, '0')}`
  return {
    at: Date.now(),
    atomic: false,
    lines: [{ command: { type: 'adjust', storeId, sku, delta: 100 } }]
  }
}

await writeLog(JSON.parse(process.argv[2] ?? '') as WriteLogInput)
console.log('{}')
