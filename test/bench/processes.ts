import { childrenOf } from '../processes/children.ts'
import { connections, load, warmUp, type Circumstances, type Measured } from './comparison.ts'
import { cpuSeconds } from './process-figures.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withService } from './servers.ts'
import { median } from './statistics.ts'

const rounds = 3
const workload = 'adjust'

interface Round {
  readonly one: Measured
  readonly two: Measured
}

/**
 * Two server processes on one ledger beside one server on its own, in turns, under the same load. The load takes much of
 * a core itself, so on two cores the requests a second of two processes say little. What a request costs in processor time
 * does not depend on that: two processes on two free cores answer twice as much as one, less what a request costs more
 * where another process writes too. That is the ratio; a disk that cannot follow is not in it.
 */
export async function processesLine({ folder, seconds }: Circumstances): Promise<Line> {
  const measured = await withFolder(folder, (ofOne) =>
    withFolder(folder, (ofTwo) =>
      withService(ofOne, {}, (oneUrl, onePid) =>
        withService(ofTwo, { INVENTORY_WORKER_COUNT: '2' }, async (twoUrl, twoPid) => {
          // Each of two processes gets half of the requests, and has as much to compile as one.
          for (const url of [oneUrl, twoUrl, twoUrl]) await warmUp(url, workload, seconds)
          const results: Round[] = []
          for (let round = 0; round < rounds; round += 1) {
            results.push({
              one: await measure(onePid, oneUrl, seconds),
              two: await measure(twoPid, twoUrl, seconds)
            })
          }
          return results
        })
      )
    )
  )
  return lineOf(measured)
}

/** The processor time is that of the process and of those that it has started. */
async function measure(pid: number, url: string, seconds: number): Promise<Measured> {
  const processes = [pid, ...(await childrenOf(pid))]
  const cpuNow = async (): Promise<number> =>
    (await Promise.all(processes.map(cpuSeconds))).reduce((sum, used) => sum + used, 0)
  const before = await cpuNow()
  const output = await load({ url, workload, connections, seconds })
  return { ...output, cpuMicroseconds: (((await cpuNow()) - before) * 1e6) / output.requests }
}

function lineOf(measured: readonly Round[]): Line {
  const ratio = median(measured.map(({ one, two }) => (2 * one.cpuMicroseconds) / two.cpuMicroseconds))
  const rate = (of: 'one' | 'two') => whole(median(measured.map((round) => round[of].requestsPerSecond)))
  return {
    name: 'two processes, on free cores',
    figure: `${rate('two')} requests/s here`,
    against: `one ${rate('one')} requests/s`,
    ratio,
    goal: { text: '>= 1.5', isMet: ratio >= 1.5 },
    notes: measured.map(({ one, two }, index) => {
      const rates = `${whole(two.requestsPerSecond)} : ${whole(one.requestsPerSecond)}`
      const processor = `processor time per request ${whole(two.cpuMicroseconds)} : ${whole(one.cpuMicroseconds)} us`
      const clients = `client's share of a core ${two.clientShare.toFixed(2)} : ${one.clientShare.toFixed(2)}`
      return `round ${index + 1}: ${rates}; ${processor}; ${clients}`
    })
  }
}
