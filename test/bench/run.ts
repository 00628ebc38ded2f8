import { mkdir } from 'node:fs/promises'
import { parseArguments, usage, type Arguments, type Measurement } from './arguments.ts'
import { coldFeedLine } from './cold-feed.ts'
import type { Circumstances } from './comparison.ts'
import { followersLine } from './followers.ts'
import { latencyLine } from './latency.ts'
import { machineLines } from './machine.ts'
import { memoryLine, recoveryLine, writeMillionEvents } from './million-events.ts'
import { processesLine } from './processes.ts'
import { observationLine } from './observation.ts'
import { overloadLine } from './overload.ts'
import { compilePrograms } from './programs.ts'
import { printHead, printLine, type Line } from './report.ts'
import { withFolder } from './servers.ts'
import { snapshotBootLine, snapshotWriteLine } from './snapshots.ts'
import { adjustLine, adjustWithKeyLine, batchLine, recordLine, updatesLine } from './throughput.ts'

type LogMeasurement = readonly [Measurement, (dataFolder: string, records: number) => Promise<Line>]

/*
 * Measures the service and says what each figure is worth: beside a bare Fastify, a bare JSON.parse or its goal. It
 * decides nothing: exit code 0 unless something could not be measured.
 */
const servers: readonly (readonly [Measurement, (circumstances: Circumstances) => Promise<Line>])[] = [
  ['adjust', adjustLine],
  ['batch', batchLine],
  ['updates', updatesLine],
  ['processes', processesLine],
  ['observation', observationLine],
  ['latency', latencyLine],
  ['followers', followersLine],
  ['overload', overloadLine],
  ['key', adjustWithKeyLine],
  ['record', recordLine]
]

/** As many records as a chain of some shops has, and as many as events: nothing but new records. */
const logs: readonly (readonly [number, readonly LogMeasurement[]])[] = [
  [
    20_000,
    [
      ['recovery', recoveryLine],
      ['feed', coldFeedLine]
    ]
  ],
  [
    1_000_000,
    [
      ['recovery', recoveryLine],
      ['memory', memoryLine],
      ['snapshot-boot', snapshotBootLine],
      ['snapshot-write', snapshotWriteLine]
    ]
  ]
]

async function bench({ only, seconds, folder }: Arguments): Promise<void> {
  await compilePrograms()
  await mkdir(folder, { recursive: true })
  for (const line of await machineLines(folder)) console.log(line)
  console.log('no sync worker beside the service (ROLE=api)')
  console.log('limits of requests off (RATE_LIMIT_ENABLED=false), as all of the load comes from one address')
  console.log('')
  printHead()
  for (const [name, measure] of servers) if (only.has(name)) printLine(await measure({ folder, seconds }))
  for (const [records, measurements] of logs) {
    const wanted = measurements.filter(([name]) => only.has(name))
    if (wanted.length === 0) continue
    await withFolder(folder, async (dataFolder) => {
      await writeMillionEvents(dataFolder, records)
      for (const [, measure] of wanted) printLine(await measure(dataFolder, records))
    })
  }
}

function argumentsOrUsage(): Arguments {
  try {
    return parseArguments(process.argv.slice(2))
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

await bench(argumentsOrUsage())
