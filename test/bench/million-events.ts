import type { ReadingInput, ReadingOutput } from './programs/reading.ts'
import type { LoadInput } from './programs/load.ts'
import type { WriteLogInput } from './programs/write-log.ts'
import { runProgram } from './programs.ts'
import { residentBytes } from './process-figures.ts'
import { whole, type Line } from './report.ts'
import { withService } from './servers.ts'
import { median } from './statistics.ts'

const events = 1_000_000
const rounds = 3
const goalRatio = 3
const megabyte = 1_000_000
const goalMegabytes = 600

/** Fills the folder with a log of a million events, which go round this many records. */
export async function writeMillionEvents(dataFolder: string, records: number): Promise<void> {
  const input: WriteLogInput = { dataFolder, events, records }
  await runProgram('write-log', input)
}

/** How long the ledger takes to be ready, against reading the same files and parsing their JSON, in turns. */
export async function recoveryLine(dataFolder: string, records: number): Promise<Line> {
  const measured: { parsing: number; opening: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    measured.push({
      parsing: await timed('parse-log', dataFolder),
      opening: await timed('open-log', dataFolder)
    })
  }
  const ratios = measured.map(({ parsing, opening }) => opening / parsing)
  const ratio = median(ratios)
  return {
    name: `recovery, ${whole(records)} records`,
    figure: seconds(median(measured.map(({ opening }) => opening))),
    against: `JSON.parse ${seconds(median(measured.map(({ parsing }) => parsing)))}`,
    ratio,
    goal: { text: `<= ${goalRatio}`, isMet: ratio <= goalRatio },
    notes: [`${whole(events)} events; rounds ${ratios.map((value) => value.toFixed(2)).join(', ')}`]
  }
}

/** What the service holds of the machine's memory with all the records, after it has served some of them. */
export async function memoryLine(dataFolder: string, records: number): Promise<Line> {
  return await withService(dataFolder, {}, async (url, pid) => {
    const ready = await residentBytes(pid)
    for (const workload of ['adjust', 'record'] as const) {
      const input: LoadInput = { url, workload, connections: 8, seconds: 2 }
      await runProgram('load', input)
    }
    const { now, most } = await residentBytes(pid)
    return {
      name: `memory, ${whole(records)} records`,
      figure: megabytes(now),
      goal: { text: `< ${goalMegabytes} MB`, isMet: now < goalMegabytes * megabyte },
      notes: [
        `${megabytes(ready.now)} when it was ready, ${megabytes(most)} at most, while it recovered or served`
      ]
    }
  })
}

async function timed(program: string, dataFolder: string): Promise<number> {
  const input: ReadingInput = { dataFolder }
  const { milliseconds, events: found } = await runProgram<ReadingOutput>(program, input)
  if (found !== events) throw new Error(`${program} found ${found} events, not ${events}`)
  return milliseconds
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

function megabytes(bytes: number): string {
  return `${whole(bytes / megabyte)} MB`
}
