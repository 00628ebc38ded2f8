import { pathToFileURL } from 'node:url'
import { Counter, Histogram } from 'prom-client'
import type { RequestInstruments } from '../../../plugins/metrics/request-instruments.ts'
import type { StockInstruments } from '../../../plugins/metrics/stock-instruments.ts'

// Loaded before the service, it takes out of it what metrics cost each request: there is no variable for that, as the
// counters are a part of the contract.
const service = pathToFileURL(process.argv[1] ?? '')
const nothing = (): void => undefined

async function ofService<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, service).href)) as Module
}

type Requests = { readonly RequestInstruments: typeof RequestInstruments }
type Stock = { readonly StockInstruments: typeof StockInstruments }
const requests = await ofService<Requests>('plugins/metrics/request-instruments.js')
const stock = await ofService<Stock>('plugins/metrics/stock-instruments.js')

requests.RequestInstruments.prototype.hookOf = () => (_request, _reply, done) => done()
stock.StockInstruments.prototype.count = nothing
Counter.prototype.inc = nothing
Histogram.prototype.observe = nothing
