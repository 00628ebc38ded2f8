import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadingInput, ReadingOutput } from './reading.ts'

const newline = 0x0a
/** Checksum, length and the blanks behind them. */
const headerLength = 20

/** The least that anyone who wants the log's facts has to do: read the files and parse the JSON of each line. */
async function parseLog({ dataFolder }: ReadingInput): Promise<ReadingOutput> {
  const folder = join(dataFolder, 'log')
  const started = performance.now()
  let events = 0
  for (const name of (await readdir(folder)).sort()) events += countEvents(await readFile(join(folder, name)))
  return { milliseconds: performance.now() - started, events }
}

function countEvents(bytes: Buffer): number {
  let events = 0
  let start = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    if (end - start > headerLength) {
      const frame = JSON.parse(bytes.toString('utf8', start + headerLength, end)) as { events?: unknown[] }
      events += frame.events?.length ?? 0
    }
    start = end + 1
  }
  return events
}

console.log(JSON.stringify(await parseLog(JSON.parse(process.argv[2] ?? '') as ReadingInput)))
