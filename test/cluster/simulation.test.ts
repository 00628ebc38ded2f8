// Three whole services on one disk, in one process, so that a seed decides what happens when.
import t from 'tap'
import { SimulatedProcess, simulate } from './simulation.ts'

const runs = 4

t.test(
  'several processes on one ledger, killed at random: one order, one effect per key, no stale read',
  async (t) => {
    const { SIMULATION_SEED } = process.env
    const first = SIMULATION_SEED === undefined ? 1 + (Date.now() % 1_000_000) : Number(SIMULATION_SEED)
    const processes = ['A', 'B', 'C'].map((name) => new SimulatedProcess(name))
    let voidUnits = 0
    let unanswered = 0
    for (let seed = first; seed < first + runs; seed += 1) {
      const { faults, ...figures } = await simulate(seed, processes, 150)
      t.comment(`SIMULATION_SEED=${seed}: ${JSON.stringify(figures)}`)
      t.strictSame(faults, [], `seed ${seed}`)
      t.ok(figures.answered >= 150 && figures.reads > 0 && figures.doubled > 0)
      t.ok(figures.kills > 0)
      unanswered += figures.unanswered
      voidUnits += figures.voidUnits
    }
    t.ok(unanswered > 0, 'processes died with requests under way')
    t.ok(voidUnits > 0, 'the processes came in each other’s way')
  }
)
