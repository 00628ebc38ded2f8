import { join } from 'node:path'
import type { ServiceMetrics } from '../../plugins/schemas/resilience.ts'
import { connections, type Circumstances } from './comparison.ts'
import { whileMemoryWatched } from './process-figures.ts'
import type { OpenLoadInput, OpenLoadOutput } from './programs/open-load.ts'
import { runProgram } from './programs.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withLoggedService } from './servers.ts'
import { median, percentile } from './statistics.ts'

const rounds = 3
const factor = 5
/** Many more than are let in at once, as those of the clients of a chain are: an arrival needs one that is free. */
const overloadConnections = 1000
const goals = { goodput: 0.8, latency: 3, memory: 1.5 }

interface Taken extends OpenLoadOutput {
  /** The largest resident set of the server meanwhile. */
  readonly peakBytes: number
}

interface Round {
  readonly full: Taken
  readonly overload: Taken
}

interface Measured {
  readonly rounds: readonly Round[]
  readonly metrics: ServiceMetrics['data']
}

/**
 * What the service reaches when requests arrive at five times the pace that it was just seen to keep up with, whether or
 * not it answers: how many it accepts, how long those take, and what memory it needs. The log is on, in a file.
 */
export async function overloadLine({ folder, seconds }: Circumstances): Promise<Line> {
  return await withFolder(folder, (dataFolder) =>
    withLoggedService(
      dataFolder,
      join(dataFolder, 'service.log'),
      { LOG_LEVEL: 'info' },
      async (url, pid) => {
        const measured = await measure(url, pid, seconds)
        return lineOf(measured)
      }
    )
  )
}

async function measure(url: string, pid: number, seconds: number): Promise<Measured> {
  const all: Taken[] = []
  const load = async (input: Omit<OpenLoadInput, 'url' | 'pid'>): Promise<Taken> => {
    const { result, peakBytes } = await whileMemoryWatched(pid, () =>
      runProgram<OpenLoadOutput>('open-load', { url, pid, ...input })
    )
    const taken = { ...result, peakBytes }
    all.push(taken)
    return taken
  }
  await load({ connections, seconds: 3 })
  const measured: Round[] = []
  while (measured.length < rounds) {
    const full = await load({ connections, seconds })
    const requestsPerSecond = (factor * full.accepted) / seconds
    const overload = await load({ connections: overloadConnections, seconds, requestsPerSecond })
    measured.push({ full, overload })
  }
  await requireCountedOnce(url, all)
  const metrics = (await answerOf<ServiceMetrics>(`${url}/api/health/metrics`)).data
  return { rounds: measured, metrics }
}

/** Every adjust adds one unit. Throws where the stock is not what was accepted. */
async function requireCountedOnce(url: string, outputs: readonly OpenLoadOutput[]): Promise<void> {
  const broken = outputs.reduce((sum, output) => sum + output.broken, 0)
  if (broken > 0) throw new Error(`${broken} requests were not answered`)
  const accepted = outputs.reduce((sum, output) => sum + output.accepted, 0)
  const stock = await stockOf(`${url}/api/inventory/stores/STORE001/inventory`)
  if (stock !== accepted) throw new Error(`${accepted} adjusts were accepted and ${stock} took effect`)
}

async function stockOf(url: string): Promise<number> {
  let stock = 0
  let cursor: string | undefined
  do {
    const page: { items: { qty: number }[]; nextCursor?: string } = await answerOf(
      cursor === undefined ? url : `${url}?cursor=${encodeURIComponent(cursor)}`
    )
    for (const { qty } of page.items) stock += qty
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return stock
}

async function answerOf<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`)
  return (await response.json()) as Answer
}

function lineOf({ rounds: measured, metrics }: Measured): Line {
  const goodput = median(measured.map(goodputRatio))
  const latency = median(measured.map(latencyRatio))
  const memory = memoryRatio(measured)
  const rate = (of: keyof Round): string =>
    whole(median(measured.map((round) => perSecond(round[of], 'accepted'))))
  return {
    name: 'adjust at five times capacity',
    figure: `${rate('overload')} accepted/s`,
    against: `full load ${rate('full')}/s`,
    ratio: goodput,
    goal: {
      text: `>= ${goals.goodput}, p99 <= ${goals.latency} x, memory <= ${goals.memory} x`,
      isMet: goodput >= goals.goodput && latency <= goals.latency && memory <= goals.memory
    },
    notes: [
      `p99 of accepted requests ${latency.toFixed(2)} times that at full load; resident memory at most ` +
        `${memory.toFixed(2)} times that at full load before: ` +
        `${measured.map(({ full, overload }) => `${mebibytes(full)}, ${mebibytes(overload)}`).join(', ')} MiB`,
      ...measured.map(noteOf),
      refusalNote(metrics),
      'the stock at the end is the number of accepted requests'
    ]
  }
}

function noteOf(round: Round, index: number): string {
  const { full, overload } = round
  const lateMs = percentile(overload.latenessMs, 0.99).toFixed(1)
  return (
    `round ${index + 1}: accepted ${whole(perSecond(overload, 'accepted'))} : ${whole(perSecond(full, 'accepted'))}/s = ` +
    `${goodputRatio(round).toFixed(2)}; p99 ${p99(overload)} : ${p99(full)} ms = ${latencyRatio(round).toFixed(2)}; ` +
    `refused ${whole(perSecond(overload, 'refused'))}/s; processor time for each accepted request ` +
    `${cpuEach(overload)} : ${cpuEach(full)} us; of ${whole(perSecond(overload, 'due'))}/s due ` +
    `${whole(perSecond(overload, 'unsent'))} found none of ${overloadConnections} connections free in time; the client's own ` +
    `lateness p99 ${lateMs} ms, its share of a core ${overload.clientShare.toFixed(2)} : ${full.clientShare.toFixed(2)}`
  )
}

function refusalNote({ counters, requests, pressure, bulkheads }: ServiceMetrics['data']): string {
  const byBulkheads = Object.values(bulkheads).reduce((sum, { refused }) => sum + refused, 0)
  const elsewhere = counters.shed - requests.refused - pressure.refused - byBulkheads
  return (
    `refused because too many were under way ${whole(requests.refused)}, under pressure ${whole(pressure.refused)}, ` +
    `by bulkheads ${whole(byBulkheads)}, by the queue of the ledger ${whole(elsewhere)}`
  )
}

function goodputRatio({ full, overload }: Round): number {
  return perSecond(overload, 'accepted') / perSecond(full, 'accepted')
}

function latencyRatio({ full, overload }: Round): number {
  return percentile(overload.latenciesMs, 0.99) / percentile(full.latenciesMs, 0.99)
}

function perSecond(output: OpenLoadOutput, what: 'due' | 'unsent' | 'accepted' | 'refused'): number {
  return output[what] / output.seconds
}

/** What the refused ones cost is in it. */
function cpuEach({ serverCpuSeconds, accepted }: OpenLoadOutput): string {
  return whole((serverCpuSeconds * 1e6) / accepted)
}

function p99({ latenciesMs }: OpenLoadOutput): string {
  return percentile(latenciesMs, 0.99).toFixed(1)
}

/** The most in any overload, beside what was needed before there had been one. */
function memoryRatio(measured: readonly Round[]): number {
  return (
    Math.max(...measured.map(({ overload }) => overload.peakBytes)) / (measured[0]?.full.peakBytes ?? NaN)
  )
}

function mebibytes({ peakBytes }: Taken): string {
  return whole(peakBytes / 2 ** 20)
}
