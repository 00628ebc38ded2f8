import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { connections, load, warmUp } from './comparison.ts'
import type { PacedLoadInput, PacedLoadOutput } from './programs/paced-load.ts'
import type { ReadingInput, ReadingOutput } from './programs/reading.ts'
import type { WriteSnapshotOutput } from './programs/write-snapshot.ts'
import { programPath, runProgram } from './programs.ts'
import { whole, type Line } from './report.ts'
import { withService } from './servers.ts'
import { median } from './statistics.ts'

const rounds = 3
const seconds = 10
/** A server on one core and a thread that writes snapshots on the other leave this much for a steady load. */
const shareOfMost = 0.25

/** How long the ledger takes to be ready from a snapshot of all that its log holds, against replaying the log, in turns. */
export async function snapshotBootLine(dataFolder: string, records: number): Promise<Line> {
  const input: ReadingInput = { dataFolder }
  const measured: { replay: number; boot: number; written: WriteSnapshotOutput }[] = []
  for (let round = 0; round < rounds; round += 1) {
    await rm(join(dataFolder, 'snapshots'), { recursive: true, force: true })
    const replay = await runProgram<ReadingOutput>('open-log', input)
    const written = await runProgram<WriteSnapshotOutput>('write-snapshot', input)
    const boot = await runProgram<ReadingOutput>('open-log', input)
    if (boot.events !== replay.events) throw new Error(`${boot.events} events, not ${replay.events}`)
    measured.push({ replay: replay.milliseconds, boot: boot.milliseconds, written })
  }
  const ratios = measured.map(({ replay, boot }) => boot / replay)
  const ratio = median(ratios)
  const [last] = measured.slice(-1)
  return {
    name: `snapshot boot, ${whole(records)} records`,
    figure: inSeconds(median(measured.map(({ boot }) => boot))),
    against: `replay ${inSeconds(median(measured.map(({ replay }) => replay)))}`,
    ratio,
    goal: { text: '<= 1/3', isMet: ratio <= 1 / 3 },
    notes: [
      `rounds ${ratios.map((value) => value.toFixed(2)).join(', ')}; written in ` +
        `${inSeconds(last?.written.milliseconds ?? NaN)}, ${whole((last?.written.bytes ?? NaN) / 1e6)} MB, ` +
        `the event loop of its thread held for ${whole(last?.written.longestTurnMs ?? NaN)} ms at most`
    ]
  }
}

/** Adjusts at a steady pace while a thread of the service writes snapshots, against the same without, in turns. */
export async function snapshotWriteLine(dataFolder: string, records: number): Promise<Line> {
  const thread = pathToFileURL(programPath('programs/snapshot-thread')).href
  const wanted = join(dataFolder, 'snapshots-wanted')
  const variables = {
    NODE_OPTIONS: `--import=${thread}`,
    SNAPSHOT_THREAD_FOLDER: dataFolder,
    SNAPSHOT_THREAD_WANTED: wanted
  }
  return await withService(dataFolder, variables, async (url) => {
    const workload = 'adjust'
    await warmUp(url, workload, seconds)
    const most = await load({ url, workload, connections, seconds: 5 })
    const requestsPerSecond = most.requestsPerSecond * shareOfMost
    const input: PacedLoadInput = { url, workload, connections, seconds, requestsPerSecond }
    const measured: { without: PacedLoadOutput; during: PacedLoadOutput }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const without = await runProgram<PacedLoadOutput>('paced-load', input)
      const before = await newestSnapshot(dataFolder)
      await writeFile(wanted, '')
      const during = await runProgram<PacedLoadOutput>('paced-load', input)
      await rm(wanted)
      if ((await newestSnapshot(dataFolder)) === before)
        throw new Error('no snapshot was written under the load')
      measured.push({ without, during })
      // The last one that was begun ends.
      await wait(3000)
    }
    const ratio = median(measured.map(({ without, during }) => during.p99 / without.p99))
    const rows = measured.map(
      ({ without, during }) => `${during.p99.toFixed(2)} : ${without.p99.toFixed(2)} ms`
    )
    return {
      name: `snapshot write, ${whole(records)} records`,
      figure: `p99 ${median(measured.map(({ during }) => during.p99)).toFixed(2)} ms`,
      against: `without ${median(measured.map(({ without }) => without.p99)).toFixed(2)} ms`,
      ratio,
      goal: { text: '<= 2', isMet: ratio <= 2 },
      notes: [
        `adjusts at ${whole(requestsPerSecond)} of ${whole(most.requestsPerSecond)} requests/s; ${rows.join(', ')}`
      ]
    }
  })
}

async function newestSnapshot(dataFolder: string): Promise<string | undefined> {
  const names = await readdir(join(dataFolder, 'snapshots')).catch(() => [])
  return names
    .filter((name) => name.endsWith('.snapshot'))
    .sort()
    .at(-1)
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
