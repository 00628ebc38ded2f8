import { Agent, get } from 'node:http'

export interface ReadFeedInput {
  readonly url: string
}

export interface ReadFeedOutput {
  readonly events: number
  readonly eventsPerSecond: number
  /** What `JSON.stringify` alone makes of the same pages. */
  readonly stringifiedPerSecond: number
  readonly bytesPerEvent: number
}

interface Page {
  readonly events: readonly { readonly offset: number }[]
  readonly nextOffset: number
  readonly hasMore: boolean
}

const limit = 1000
const pagesStringified = 100
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Reads the whole feed as a follower does: page by page, each parsed before the next is asked for. */
async function readFeed({ url }: ReadFeedInput): Promise<ReadFeedOutput> {
  const pages: Page[] = []
  let [events, bytes, offset] = [0, 0, 1]
  const started = performance.now()
  for (;;) {
    const body = await bodyOf(`${url}/v1/inventory/events?offset=${offset}&limit=${limit}`)
    const page = JSON.parse(body.toString()) as Page
    if (page.events[0]?.offset !== offset && page.hasMore) throw new Error(`${offset} was not answered`)
    events += page.events.length
    bytes += body.length
    offset = page.nextOffset
    if (pages.length < pagesStringified) pages.push(page)
    if (!page.hasMore) break
  }
  const seconds = (performance.now() - started) / 1000
  agent.destroy()
  return {
    events,
    eventsPerSecond: events / seconds,
    stringifiedPerSecond: stringifiedPerSecond(pages),
    bytesPerEvent: bytes / events
  }
}

function bodyOf(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks))
        else
          reject(
            new Error(`${url} was answered with ${response.statusCode}: ${Buffer.concat(chunks).toString()}`)
          )
      })
    }).once('error', reject)
  })
}

/** The best of several rounds, the first of which warm up. */
function stringifiedPerSecond(pages: readonly Page[]): number {
  const events = pages.reduce((sum, page) => sum + page.events.length, 0)
  let best = 0
  for (let round = 0; round < 10; round += 1) {
    const started = performance.now()
    for (const page of pages) JSON.stringify(page)
    best = Math.max(best, events / ((performance.now() - started) / 1000))
  }
  return best
}

console.log(JSON.stringify(await readFeed(JSON.parse(process.argv[2] ?? '') as ReadFeedInput)))
