import { childrenOf } from '../processes/children.ts'
import { connections, load, warmUp, type Circumstances, type Running } from './comparison.ts'
import { cpuSeconds } from './process-figures.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withService } from './servers.ts'
import { median } from './statistics.ts'

const rounds = 9
const workload = 'adjust'
/** Of each process, so that two have as many as one in the other measurements. */
const connectionsEach = connections / 2

interface Cost {
  readonly requestsPerSecond: number
  /** Processor time of all servers per request, in microseconds. */
  readonly cpuMicroseconds: number
  /** The share of one core that all clients took. */
  readonly clientShare: number
}

interface Round {
  readonly apart: Cost
  readonly together: Cost
  readonly alone: Cost
}

/**
 * Two server processes on one ledger beside two servers with a ledger each, in turns, each process under the load of as
 * many connections. The load takes much of the machine itself, so that on two cores the requests a second say little.
 * What a request costs in processor time does not depend on that: two processes on two free cores answer twice as much as
 * one, less what a request costs more because the other process writes to the same ledger. That is the ratio; a disk
 * that cannot follow is not in it. Neither is what two busy cores take from each other, whatever they do: the cost of a
 * request to one server with nobody beside it is printed too.
 */
export async function processesLine({ folder, seconds }: Circumstances): Promise<Line> {
  const withLedger = <Result>(work: (server: Running) => Promise<Result>, variables = {}): Promise<Result> =>
    withFolder(folder, (ledger) => withService(ledger, variables, (url, pid) => work({ url, pid })))
  const measured = await withLedger((one) =>
    withLedger((other) =>
      withLedger(
        async (shared) => {
          // Each of two processes gets half of the requests, and has as much to compile as one.
          for (const { url } of [one, other, shared, shared]) await warmUp(url, workload, seconds)
          const results: Round[] = []
          const roundSeconds = Math.max(1, Math.round(seconds / 2))
          for (let round = 0; round < rounds; round += 1) {
            results.push({
              apart: await measure([one, other], roundSeconds),
              together: await measure([shared, shared], roundSeconds),
              alone: await measure([one], roundSeconds, connections)
            })
          }
          return results
        },
        { INVENTORY_WORKER_COUNT: '2' }
      )
    )
  )
  return lineOf(measured)
}

/** A client for each of the servers, all at once. The processor time is theirs and that of the processes they have started. */
async function measure(servers: readonly Running[], seconds: number, each = connectionsEach): Promise<Cost> {
  const pids = [...new Set(servers.map(({ pid }) => pid))]
  const processes = [...pids, ...(await Promise.all(pids.map(childrenOf))).flat()]
  const cpuNow = async (): Promise<number> => sum(await Promise.all(processes.map(cpuSeconds)))
  const before = await cpuNow()
  const outputs = await Promise.all(
    servers.map(({ url }) => load({ url, workload, connections: each, seconds }))
  )
  const requests = sum(outputs.map((output) => output.requests))
  return {
    requestsPerSecond: sum(outputs.map((output) => output.requestsPerSecond)),
    cpuMicroseconds: (((await cpuNow()) - before) * 1e6) / requests,
    clientShare: sum(outputs.map((output) => output.clientShare))
  }
}

function lineOf(measured: readonly Round[]): Line {
  const ratio = median(measured.map(({ apart, together }) => ratioOf(apart, together)))
  const beside = median(measured.map(({ alone, together }) => ratioOf(alone, together)))
  const rate = (of: keyof Round): string =>
    whole(median(measured.map((round) => round[of].requestsPerSecond)))
  return {
    name: 'two processes, on free cores',
    figure: `${rate('together')} requests/s here`,
    against: `two ledgers ${rate('apart')} requests/s`,
    ratio,
    goal: { text: '>= 1.5', isMet: ratio >= 1.5 },
    notes: [
      `held against one server that has both cores, for itself and its client: ${beside.toFixed(2)}; it answers ${rate('alone')}/s`,
      ...measured.map(noteOf)
    ]
  }
}

function noteOf({ apart, together, alone }: Round, index: number): string {
  const costs = [together, apart, alone].map(({ cpuMicroseconds }) => whole(cpuMicroseconds)).join(' : ')
  const shares = [together, apart, alone].map(({ clientShare }) => clientShare.toFixed(2)).join(' : ')
  const ratio = ratioOf(apart, together).toFixed(2)
  return `round ${index + 1}: ${ratio}; processor time per request on one ledger, on two, of one server ${costs} us; clients' share of a core ${shares}`
}

/** How much more two processes do in the time of two cores than one in the time of one. */
function ratioOf(one: Cost, two: Cost): number {
  return (2 * one.cpuMicroseconds) / two.cpuMicroseconds
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
