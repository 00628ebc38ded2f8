import { createHistogram } from 'node:perf_hooks'
import { PacedConnection } from './paced-connection.ts'
import { bytesOf, requestsOf, type RepeatedWorkload } from './workloads.ts'

export interface PacedLoadInput {
  readonly url: string
  readonly workload: Exclude<RepeatedWorkload, 'adjust with key'>
  readonly connections: number
  readonly seconds: number
  readonly requestsPerSecond: number
}

/** Times in milliseconds, each from the instant at which the request was due, not from when it could be sent. */
export interface PacedLoadOutput {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly maximum: number
}

const warmUpSeconds = 2
const latencies = createHistogram()

/**
 * A load of requests that come at a steady pace, whether or not the ones before are answered. (autocannon's `overallRate`
 * sends each second's requests in one burst at its beginning, and counts whole milliseconds.)
 */
async function pacedLoad(input: PacedLoadInput): Promise<PacedLoadOutput> {
  const url = new URL(input.url)
  const requests = requestsOf(input.workload, 0).map((request) => bytesOf(request, url))
  const idle = await Promise.all(
    Array.from({ length: input.connections }, () =>
      PacedConnection.open(url, (error) => {
        throw error
      })
    )
  )
  const connections = [...idle]
  // A program that has just started is slower than the pace it is to keep, and would measure itself.
  await sendAll({ ...input, seconds: warmUpSeconds }, idle, requests)
  latencies.reset()
  const answered = await sendAll(input, idle, requests)
  for (const connection of connections) connection.close()
  return {
    requestsPerSecond: answered / input.seconds,
    p50: latencies.percentile(50) / 1000,
    p99: latencies.percentile(99) / 1000,
    maximum: latencies.max / 1000
  }
}

function sendAll(
  { seconds, requestsPerSecond }: PacedLoadInput,
  idle: PacedConnection[],
  requests: readonly Buffer[]
): Promise<number> {
  const intervalMs = 1000 / requestsPerSecond
  const total = Math.floor(seconds * requestsPerSecond)
  const start = performance.now()
  let sent = 0
  let answered = 0
  return new Promise((resolve) => {
    const sendDue = (): void => {
      while (sent < total && idle.length > 0 && start + sent * intervalMs <= performance.now()) {
        const connection = idle.pop() as PacedConnection
        const due = start + sent * intervalMs
        connection.send(requests[sent % requests.length] as Buffer, (status) => {
          if (status !== 200) throw new Error(`a request was answered with ${status}`)
          latencies.record(Math.max(1, Math.round((performance.now() - due) * 1000)))
          answered += 1
          idle.push(connection)
          sendDue()
          if (answered < total) return
          clearInterval(timer)
          resolve(answered)
        })
        sent += 1
      }
    }
    const timer = setInterval(sendDue, 1)
  })
}

console.log(JSON.stringify(await pacedLoad(JSON.parse(process.argv[2] ?? '') as PacedLoadInput)))
