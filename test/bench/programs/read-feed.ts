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
const pagesAhead = 2
const agent = new Agent({ keepAlive: true, maxSockets: pagesAhead })

/** What stands behind the events of a page. */
const tailLength = 100

/**
 * Reads the whole feed as a follower in a hurry does: offsets are contiguous, so the next pages are asked for while one is
 * made and sent, and another is parsed.
 */
async function readFeed({ url }: ReadFeedInput): Promise<ReadFeedOutput> {
  const pages: Page[] = []
  let [events, bytes, offset, isEnd] = [0, 0, 1, false]
  const asked: Promise<Buffer>[] = []
  const ask = (first: number): void => {
    const body = bodyOf(`${url}/v1/inventory/events?offset=${first}&limit=${limit}`)
    // One that is behind the end is not waited for.
    body.catch(() => undefined)
    asked.push(body)
  }
  const started = performance.now()
  for (let ahead = 0; ahead < pagesAhead; ahead += 1) ask(offset + ahead * limit)
  while (!isEnd) {
    const body = (await asked.shift()) as Buffer
    const { nextOffset, hasMore } = endOf(body)
    if (hasMore) ask(nextOffset + (pagesAhead - 1) * limit)
    // The request goes out before the page is parsed.
    await new Promise((resolve) => setImmediate(resolve))
    const page = JSON.parse(body.toString()) as Page
    if (page.events[0]?.offset !== offset && hasMore) throw new Error(`${offset} was not answered`)
    events += page.events.length
    bytes += body.length
    offset = nextOffset
    isEnd = !hasMore
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
