import { spawn } from 'node:child_process'
import { connections, load, warmUp, type Circumstances } from './comparison.ts'
import type { FollowersInput, FollowersOutput } from './programs/followers.ts'
import type { LoadInput, LoadOutput } from './programs/load.ts'
import { programPath } from './programs.ts'
import { whole, type Line } from './report.ts'
import { withFolder, withService } from './servers.ts'
import { median } from './statistics.ts'

const followers = 1000
const limit = 100
const rounds = 3
const goalRatio = 2 / 3

interface Round {
  readonly alone: LoadOutput
  readonly followed: LoadOutput
  readonly following: FollowersOutput
}

/** What writers reach while a thousand followers long-poll for what they write, against what they reach without. */
export async function followersLine({ folder, seconds }: Circumstances): Promise<Line> {
  return await withFolder(folder, (dataFolder) =>
    withService(dataFolder, {}, async (url) => {
      const input: LoadInput = { url, workload: 'adjust', connections, seconds }
      await warmUp(url, 'adjust', seconds)
      const measured: Round[] = []
      for (let round = 0; round < rounds; round += 1) {
        const alone = await load(input)
        const { result, following } = await whileFollowed({ url, followers, limit }, () => load(input))
        measured.push({ alone, followed: result, following })
      }
      return lineOf(measured)
    })
  )
}

/** Does the work while a process with followers is at it, and tells what those got. */
async function whileFollowed<Result>(
  input: FollowersInput,
  work: () => Promise<Result>
): Promise<{ result: Result; following: FollowersOutput }> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [programPath('programs/followers'), JSON.stringify(input)], {
    env: { PATH, HOME },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  let output = ''
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('\n')) resolve()
      })
      child.once('close', () => reject(new Error('the followers ended before they followed')))
    })
    const result = await work()
    child.stdin.end()
    await ended
    return { result, following: JSON.parse(output.slice(output.indexOf('\n'))) as FollowersOutput }
  } finally {
    child.kill()
  }
}

function lineOf(measured: readonly Round[]): Line {
  const alone = median(measured.map((round) => round.alone.requestsPerSecond))
  const followed = median(measured.map((round) => round.followed.requestsPerSecond))
  const ratio = median(measured.map(ratioOf))
  return {
    name: `adjust, ${whole(followers)} followers`,
    figure: `${whole(followed)} requests/s`,
    against: `without ${whole(alone)} requests/s`,
    ratio,
    goal: { text: '>= 0.67', isMet: ratio >= goalRatio },
    notes: measured.map((round, index) => noteOf(round, index))
  }
}

function ratioOf({ alone, followed }: Round): number {
  return followed.requestsPerSecond / alone.requestsPerSecond
}

function noteOf(round: Round, index: number): string {
  const { answersPerSecond, eventsPerSecond, bytesPerSecond, clientShare } = round.following
  const figures = `${whole(round.followed.requestsPerSecond)} : ${whole(round.alone.requestsPerSecond)}`
  const answers = `${whole(answersPerSecond)} answers with ${whole(eventsPerSecond)} events/s`
  const cost = `${whole(bytesPerSecond / 1e6)} MB/s; the followers' share of a core ${clientShare.toFixed(2)}`
  return `round ${index + 1}: ${figures} = ${ratioOf(round).toFixed(2)}; the followers got ${answers}, ${cost}`
}
