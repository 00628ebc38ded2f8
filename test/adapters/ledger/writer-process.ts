// A process of its own that writes to a shared log and tells its parent of every answer as it gets it.
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { Witness, type Testimony } from './witness.ts'
import { work, type Workload } from './workload.ts'

export interface WriterTask {
  readonly dataFolder: string
  readonly segmentBytesMax: number
  readonly workload: Workload
  readonly writer: number
  readonly end: number
}

export type WriterMessage = Testimony | { readonly ready: true } | { readonly done: true }

const tell = (message: WriterMessage): void => {
  process.send?.(message)
}

const { dataFolder, segmentBytesMax, workload, writer, end } = JSON.parse(process.argv[2]!) as WriterTask
const ledger = await openWalLedger({ dataFolder, segmentBytesMax })
const isStarted = new Promise((resolve) => process.once('message', resolve))
tell({ ready: true })
await isStarted
await work({ witness: new Witness([ledger], tell), ledger, workload, writer }, { first: 0, end, clients: 16 })
await ledger.close()
// Messages still on their way would be lost with the channel; this one comes after them.
const last: WriterMessage = { done: true }
await new Promise((resolve) => process.send?.(last, resolve))
process.disconnect()
