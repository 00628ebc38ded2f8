// Two processes on one folder for as long as you like, one of them killed in most rounds:
//   npx tsx test/long/two-writers.ts --seconds 600 --seed 1
import { parseArgs } from 'node:util'
import { below, seededRandom } from '../../adapters/file-system/seeded-random.ts'
import { runTwoProcesses } from '../adapters/ledger/two-processes.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() | 0) }
  }
})
const [seconds, firstSeed] = [Number(values.seconds), Number(values.seed)]
if (!(seconds > 0) || !Number.isSafeInteger(firstSeed)) {
  throw new RangeError('--seconds is a number above 0, --seed a whole number')
}

const end = performance.now() + seconds * 1000
for (let seed = firstSeed; performance.now() < end; seed += 1) {
  const random = seededRandom(seed)
  const unitsPerWriter = 1000 + below(3000, random)
  const run = {
    workload: { seed, recordCount: [1, 4, 200, 5000][below(4, random)]! },
    unitsPerWriter,
    segmentBytesMax: [1, 10_000, 300_000, 64 * 1024 * 1024][below(4, random)]!,
    ...(random() < 0.7 ? { killAfter: 1 + below(unitsPerWriter, random) } : {})
  }
  process.stdout.write(`${JSON.stringify(run)}\n`)
  const figures = await runTwoProcesses(run)
  process.stdout.write(`  ${JSON.stringify(figures)}\n`)
}
