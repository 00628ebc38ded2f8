// Several whole servers, their sync worker, clients and followers in one process, and all that can go wrong by a seed.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parseArguments } from './arguments.ts'
import { falsePromises, ignoredVersions, lyingDisk, skippedEvents, staleReads } from './sabotage.ts'
import { simulate, type SimulationOptions } from './simulation.ts'

// One seed here, so that the same tests pass or fail each time; `npm run simulate` draws others.
const seed = Number(process.env['SIMULATION_SEED'] ?? 217_896)
const steps = 130
let history = ''

/** The history of the seed as whoever runs it again sees it: in a process where nothing was simulated before. */
async function toldByCommand(): Promise<string | undefined> {
  const program = join(import.meta.dirname, 'run.ts')
  const given = ['--import=tsx', program, '--seed', String(seed), '--steps', String(steps)]
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, FASTIFY_AUTOLOAD_TYPESCRIPT: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, given, { env })
  return /^history (\w+)$/m.exec(stdout)?.[1]
}

t.test('all that clients and followers are told adds up, and a seed tells the same again', async (t) => {
  const first = await simulate({ seed, steps })
  t.comment(`SIMULATION_SEED=${seed}: ${JSON.stringify(first.counts)}`)
  t.strictSame(first.faults, [], `seed ${seed}`)
  const { changes, reads, events, followed } = first.counts as Record<string, number>
  t.ok(Number(changes) > 40 && Number(reads) > 10 && Number(events) > 30 && Number(followed) > 30)
  t.equal(await toldByCommand(), first.history, `seed ${seed} tells the same again`)
  history = first.history
})

const sabotages: readonly (readonly [what: string, how: Partial<SimulationOptions>, found: RegExp])[] = [
  [
    'a disk that says it has synced what it has not',
    { disguise: lyingDisk, steps: 20 },
    /lost|damage|and then/
  ],
  ['versions that are expected, and not looked at', { tamper: ignoredVersions }, /was to be made on/],
  ['a feed that leaves events out', { tamper: skippedEvents() }, /belongs|and then/],
  ['reads that are old', { tamper: staleReads(), steps: 50 }, /which it never was/],
  ['more that is promised than there is', { tamper: falsePromises, steps: 50 }, /was acknowledged/]
]

for (const [what, how, found] of sabotages) {
  t.test(`it finds ${what}`, async (t) => {
    const { faults, history: other } = await simulate({ seed: 5, steps: 100, serverCount: 2, ...how })
    t.ok(
      faults.some((fault) => found.test(fault)),
      faults[0] ?? 'nothing was found'
    )
    t.not(other, history, 'another seed tells something else')
  })
}

t.test('the command line takes whole numbers in their ranges, and nothing else', async (t) => {
  t.match(parseArguments(['--seed', '7', '--steps', '5000']), { seed: 7, steps: 5000, servers: 3 })
  t.match(parseArguments(['--minutes', '60']), { seed: undefined, minutes: 60 })
  for (const [name, value] of [
    ['--seed', '-1'],
    ['--seed', '2147483648'],
    ['--steps', '0'],
    ['--steps', '1e3'],
    ['--servers', '11'],
    ['--minutes', '0.5'],
    ['--pace', '1']
  ] as const) {
    t.throws(() => parseArguments([`${name}=${value}`]), TypeError, `${name} ${value}`)
  }
  t.throws(() => parseArguments(['--minutes', '5', '--history', 'lines']), /--history is of one seed/)
  t.throws(() => parseArguments(['7']), TypeError)
})
