import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inTurns, ratioOf, type Circumstances, type Comparison } from './comparison.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withLoggedService, withUnwatchedService } from './servers.ts'

const goal = 0.85

/** Single adjusts with metrics and a log at info in a file, beside the same service with neither. */
export async function observationLine({ folder, seconds }: Circumstances): Promise<Line> {
  return await withFolder(folder, (ofWatched) =>
    withFolder(folder, async (ofUnwatched) => {
      const log = join(ofWatched, 'service.log')
      const comparison = await withLoggedService(ofWatched, log, { LOG_LEVEL: 'info' }, (url, pid) =>
        withUnwatchedService(ofUnwatched, (otherUrl, otherPid) =>
          inTurns('adjust', seconds, { url, pid }, { url: otherUrl, pid: otherPid })
        )
      )
      return lineOf(comparison, (await stat(log)).size)
    })
  )
}

function lineOf({ rounds, service, bare, ratio }: Comparison, logBytes: number): Line {
  return {
    name: 'adjust, metrics and log on',
    figure: `${whole(service)} requests/s`,
    against: `both off ${whole(bare)} requests/s`,
    ratio,
    goal: { text: `>= ${goal}`, isMet: ratio >= goal },
    notes: [
      ...rounds.map((round, index) => {
        const { service: on, bare: off } = round
        const figures = `${whole(on.requestsPerSecond)} : ${whole(off.requestsPerSecond)} = ${ratioOf(round).toFixed(2)}`
        const processor = `processor time per request ${whole(on.cpuMicroseconds)} : ${whole(off.cpuMicroseconds)} us`
        return `round ${index + 1}: ${figures}; ${processor}`
      }),
      `${whole(logBytes)} bytes of log, a line for each request`
    ]
  }
}
