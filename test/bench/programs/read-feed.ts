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
}

const limit = 1000
const pagesStringified = 100
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** What stands behind the events of a page. */
const tailLength = 100

/**
 * Reads the whole feed as a follower in a hurry does: it parses each page while the next one, which it has asked for by then,
 * is made and sent.
 */
async function readFeed({ url }: ReadFeedInput): Promise<ReadFeedOutput> {
  const pages: Page[] = []
  const pageFrom = (offset: number): Promise<Buffer> =>
    bodyOf(`${url}/v1/inventory/events?offset=${offset}&limit=${limit}`)
  let [events, bytes, offset] = [0, 0, 1]
  const started = performance.now()
  for (let asked: Promise<Buffer> | undefined = pageFrom(offset); asked !== undefined;) {
    const body = await asked
    const { nextOffset, hasMore } = endOf(body)
    asked = hasMore ? pageFrom(nextOffset) : undefined
    // The request goes out before the page is parsed.
    await new Promise((resolve) => setImmediate(resolve))
    const page = JSON.parse(body.toString()) as Page
    if (page.events[0]?.offset !== offset && hasMore) throw new Error(`${offset} was not answered`)
    events += page.events.length
    bytes += body.length
    offset = nextOffset
    if (pages.length < pagesStringified) pages.push(page)
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

function endOf(body: Buffer): { nextOffset: number; hasMore: boolean } {
  const tail = body.toString('latin1', Math.max(0, body.length - tailLength))
  const [, nextOffset, hasMore] = /"nextOffset":(\d+),"hasMore":(true|false)/.exec(tail) ?? []
  return { nextOffset: Number(nextOffset), hasMore: hasMore === 'true' }
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
