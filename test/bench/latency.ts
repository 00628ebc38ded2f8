import { connections, load, warmUp, type Circumstances } from './comparison.ts'
import type { PacedLoadInput, PacedLoadOutput } from './programs/paced-load.ts'
import { runProgram } from './programs.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withService } from './servers.ts'

const goalMs = 10

/** Adjusts that come at half the pace that the service was just measured to take at most. */
export async function latencyLine({ folder, seconds }: Circumstances): Promise<Line> {
  const workload = 'adjust'
  return await withFolder(folder, (dataFolder) =>
    withService(dataFolder, {}, async (url) => {
      await warmUp(url, workload, seconds)
      const most = await load({ url, workload, connections, seconds })
      const requestsPerSecond = most.requestsPerSecond / 2
      const input: PacedLoadInput = { url, workload, connections, seconds: seconds * 2, requestsPerSecond }
      const { p50, p99, maximum } = await runProgram<PacedLoadOutput>('paced-load', input)
      return {
        name: 'adjust at half load',
        figure: `p99 ${p99.toFixed(2)} ms`,
        goal: { text: `< ${goalMs} ms`, isMet: p99 < goalMs },
        notes: [
          `p50 ${p50.toFixed(2)} ms, maximum ${maximum.toFixed(2)} ms, at ${whole(requestsPerSecond)} of ` +
            `${whole(most.requestsPerSecond)} requests/s, each from the instant at which it was due`
        ]
      }
    })
  )
}
