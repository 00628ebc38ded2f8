import autocannon, { type Client } from 'autocannon'
import { UpdateBatches } from './update-batches.ts'
import { requestsOf, type RepeatedWorkload, type WorkloadName } from './workloads.ts'

export interface LoadInput {
  readonly url: string
  readonly workload: WorkloadName
  readonly connections: number
  readonly seconds: number
}

export interface LoadOutput {
  readonly requests: number
  readonly requestsPerSecond: number
  /** The share of one core that the client took: near 1, it is the client that was measured. */
  readonly clientShare: number
}

/** As many requests as the server takes, over keep-alive connections. */
async function load({ url, workload, connections, seconds }: LoadInput): Promise<LoadOutput> {
  const setupClient = workload === 'updates' ? await updating(url, connections) : repeating(workload)
  const before = process.cpuUsage()
  const started = process.hrtime.bigint()
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    idReplacement: workload === 'adjust with key',
    setupClient
  })
  const microseconds = Number(process.hrtime.bigint() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  if (result.errors + result.non2xx > 0) {
    throw new Error(`${result.errors} requests failed, ${result.non2xx} were not answered with 2xx`)
  }
  return {
    requests: result['2xx'],
    requestsPerSecond: result['2xx'] / result.duration,
    clientShare: (user + system) / microseconds
  }
}

function repeating(workload: RepeatedWorkload): (client: Client) => void {
  let connection = 0
  return (client) => client.setRequests(requestsOf(workload, connection++))
}

async function updating(url: string, connections: number): Promise<(client: Client) => void> {
  const batches = Array.from({ length: connections }, (_, connection) => new UpdateBatches(connection))
  for (const batch of batches) await batch.create(url)
  return (client) => {
    const batch = batches.pop()
    if (batch === undefined) throw new RangeError(`there are more than ${connections} connections`)
    client.setRequests([batch.request])
  }
}

console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '') as LoadInput)))
