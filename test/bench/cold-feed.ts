import type { ReadFeedInput, ReadFeedOutput } from './programs/read-feed.ts'
import { runProgram } from './programs.ts'
import { whole, type Line } from './report.ts'
import { withService } from './servers.ts'
import { median } from './statistics.ts'

const rounds = 3
const goalPerSecond = 200_000
const goalShare = 0.5

/** A follower that reads all of the log from a service that was just started, against `JSON.stringify` of its pages. */
export async function coldFeedLine(dataFolder: string, records: number): Promise<Line> {
  const measured: ReadFeedOutput[] = []
  for (let round = 0; round < rounds; round += 1) {
    measured.push(
      await withService(dataFolder, {}, (url) => {
        const input: ReadFeedInput = { url }
        return runProgram<ReadFeedOutput>('read-feed', input)
      })
    )
  }
  const read = median(measured.map(({ eventsPerSecond }) => eventsPerSecond))
  const stringified = median(measured.map(({ stringifiedPerSecond }) => stringifiedPerSecond))
  const goal = Math.min(goalPerSecond, goalShare * stringified)
  const notes = measured.map(
    ({ events, eventsPerSecond, bytesPerEvent }, index) =>
      `round ${index + 1}: ${whole(eventsPerSecond)} events/s; ${whole(events)} events of ${whole(bytesPerEvent)} bytes in pages of 1,000`
  )
  return {
    name: `cold feed, ${whole(records)} records`,
    figure: `${whole(read)} events/s`,
    against: `stringify ${whole(stringified)}/s`,
    ratio: read / stringified,
    goal: { text: `>= ${whole(goal)}/s`, isMet: read >= goal },
    notes
  }
}
