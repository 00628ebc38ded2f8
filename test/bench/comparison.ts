import type { LoadInput, LoadOutput } from './programs/load.ts'
import type { WorkloadName } from './programs/workloads.ts'
import { cpuSeconds } from './process-figures.ts'
import { runProgram } from './programs.ts'
import { withBareServer, withFolder, withService } from './servers.ts'
import { median } from './statistics.ts'

export const connections = 64
const rounds = 3

export interface Circumstances {
  /** The folder, on the disk that is measured, below which the ledgers are made. */
  readonly folder: string
  /** The length of each round. */
  readonly seconds: number
}

export interface Measured extends LoadOutput {
  /** Processor time that the server used per request, in microseconds: what other programs take does not show in it. */
  readonly cpuMicroseconds: number
}

export interface Running {
  readonly url: string
  readonly pid: number
}

export interface Round {
  readonly service: Measured
  readonly bare: Measured
}

export interface Comparison {
  readonly rounds: readonly Round[]
  readonly service: number
  readonly bare: number
  /** The median of the rounds' ratios. */
  readonly ratio: number
}

/** The service and the bare server under the same load, in turns; figures are requests per second. */
export async function compare(
  workload: WorkloadName,
  { folder, seconds }: Circumstances,
  variables: Readonly<Record<string, string>> = {}
): Promise<Comparison> {
  return await withFolder(folder, (dataFolder) =>
    withService(dataFolder, variables, (url, pid) =>
      withBareServer((bareUrl, barePid) =>
        inTurns(workload, seconds, { url, pid }, { url: bareUrl, pid: barePid })
      )
    )
  )
}

/** Two servers that are running already, under the same load, in turns; the second one is what the first is held against. */
export async function inTurns(
  workload: WorkloadName,
  seconds: number,
  service: Running,
  bare: Running
): Promise<Comparison> {
  for (const { url } of [service, bare]) await warmUp(url, workload, seconds)
  const measured: Round[] = []
  for (let round = 0; round < rounds; round += 1) {
    measured.push({
      service: await measure(service.pid, { url: service.url, workload, connections, seconds }),
      bare: await measure(bare.pid, { url: bare.url, workload, connections, seconds })
    })
  }
  return comparisonOf(measured)
}

async function measure(pid: number, input: LoadInput): Promise<Measured> {
  const before = await cpuSeconds(pid)
  const output = await load(input)
  const cpuMicroseconds = ((await cpuSeconds(pid)) - before) * 1e6
  return { ...output, cpuMicroseconds: cpuMicroseconds / output.requests }
}

export async function load(input: LoadInput): Promise<LoadOutput> {
  return await runProgram<LoadOutput>('load', input)
}

export async function warmUp(url: string, workload: WorkloadName, seconds: number): Promise<void> {
  // A record that is read must be there, and batches come to all of them, however slow the machine.
  if (workload === 'record') await load({ url, workload: 'batch', connections, seconds: 2 })
  await load({ url, workload, connections, seconds: Math.min(3, seconds) })
}

function comparisonOf(measured: readonly Round[]): Comparison {
  return {
    rounds: measured,
    service: median(measured.map(({ service }) => service.requestsPerSecond)),
    bare: median(measured.map(({ bare }) => bare.requestsPerSecond)),
    ratio: median(measured.map(ratioOf))
  }
}

export function ratioOf({ service, bare }: Round): number {
  return service.requestsPerSecond / bare.requestsPerSecond
}
