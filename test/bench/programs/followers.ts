import { FollowerConnection } from './follower-connection.ts'

export interface FollowersInput {
  readonly url: string
  readonly followers: number
  /** Events of a page at most. */
  readonly limit: number
}

/** What happened from the first line on standard output to the end of standard input. */
export interface FollowersOutput {
  readonly answersPerSecond: number
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** The share of one core that the followers took. */
  readonly clientShare: number
}

/** Long-polls over a connection for each follower, from the end of the log on, until standard input ends. */
async function follow({ url, followers, limit }: FollowersInput): Promise<FollowersOutput> {
  const health = (await (await fetch(`${url}/api/health`)).json()) as {
    data: { ledger: { sequence: number } }
  }
  const offset = health.data.ledger.sequence + 1
  let [answers, events, bytes] = [0, 0, 0]
  const connections = await Promise.all(
    Array.from({ length: followers }, () =>
      FollowerConnection.open({
        url: new URL(url),
        offset,
        limit,
        onAnswer: (answered) => {
          answers += 1
          events += answered.events
          bytes += answered.bytes
        },
        onError: (error) => {
          throw error
        }
      })
    )
  )
  console.log('following')
  const started = performance.now()
  const before = process.cpuUsage()
  await new Promise((resolve) => process.stdin.once('end', resolve).resume())
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1000
  for (const connection of connections) connection.close()
  return {
    answersPerSecond: answers / seconds,
    eventsPerSecond: events / seconds,
    bytesPerSecond: bytes / seconds,
    clientShare: (user + system) / 1e6 / seconds
  }
}

console.log(JSON.stringify(await follow(JSON.parse(process.argv[2] ?? '') as FollowersInput)))
