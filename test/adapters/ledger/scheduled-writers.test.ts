// Two ledgers on one folder, every step of theirs in an order that fast-check chooses.
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import type { Outcome } from '../../../domain/unit.ts'
import { storeId } from '../../domain/units.ts'
import { AnswerAudit } from './answer-audit.ts'
import { feed } from './asking.ts'
import { LogAudit } from './log-audit.ts'
import { Asker, clientScript, skus, type Step } from './scheduled-script.ts'
import { Witness } from './witness.ts'

const dataFolder = '/data'

interface Client {
  readonly ledgers: readonly Ledger[]
  readonly name: string
  readonly asker: Asker
  readonly witness: Witness
}

async function play({ ledgers, name, asker, witness }: Client, script: readonly Step[]): Promise<void> {
  for (const [index, step] of script.entries()) {
    const ledger = ledgers[step.on]!
    switch (step.kind) {
      case 'unit':
        remember(asker, await witness.execute(ledger, asker.unit(`${name}-${index}`, step)))
        break
      case 'shared':
        remember(asker, await witness.execute(ledger, asker.shared(step.number)))
        break
      case 'get':
        await witness.get(ledger, storeId, step.sku, asker.tick())
        break
      case 'history':
        await witness.history(ledger, storeId, step.sku)
        break
      case 'list':
        await witness.list(ledger, storeId, skus, asker.tick())
        break
      case 'read':
        await witness.read(ledger)
        break
      default:
        step satisfies never
    }
  }
}

function remember({ seen }: Asker, outcome: Outcome): void {
  if (outcome.kind !== 'answered') return
  for (const result of outcome.answer.results) {
    if (result.applied) seen.set(result.record.sku, result.record.version)
  }
}

const totals = { runs: 0, units: 0, events: 0, voidUnits: 0 }

const property = fc.asyncProperty(
  fc.scheduler(),
  fc.tuple(clientScript, clientScript, clientScript, clientScript),
  fc.constantFrom(1, 400, 2000, Infinity),
  async (scheduler, scripts, segmentBytesMax) => {
    const fileSystem = new MemoryFileSystem()
    let endOfTurn = () => Promise.resolve()
    const open = () =>
      openWalLedger({
        dataFolder,
        fileSystem,
        segmentBytesMax,
        now: () => 100,
        endOfTurn: () => endOfTurn()
      })
    const ledgers = [await open(), await open()]
    const witness = new Witness(ledgers)
    const asker = new Asker()
    for (const sku of ['a', 'b']) await witness.execute(ledgers[0]!, asker.stock(sku))
    const { schedule } = fileSystem
    fileSystem.schedule = ({ operation, moment }) =>
      scheduler.schedule(Promise.resolve(), `${operation} ${moment}`)
    endOfTurn = () => scheduler.schedule(Promise.resolve(), 'end of turn')
    const clients = scripts.map((script, index) =>
      play({ ledgers, name: `c${index}`, asker, witness }, script)
    )
    await scheduler.waitFor(Promise.all(clients))
    fileSystem.schedule = schedule
    endOfTurn = () => Promise.resolve()

    const third = await open()
    const feeds = await Promise.all([...ledgers, third].map(feed))
    const verdicts = [...ledgers, third].map((ledger) => ledger.health().voidUnits)
    await Promise.all([...ledgers, third].map((ledger) => ledger.close()))
    const log = await LogAudit.of(fileSystem, dataFolder)
    for (const served of feeds) log.requireFeed(served)
    deepStrictEqual(verdicts, Array(3).fill(log.voidUnits.length))
    new AnswerAudit(log).check(witness)

    totals.runs += 1
    totals.units += witness.answers.length
    totals.events += log.events.length
    totals.voidUnits += log.voidUnits.length
  }
)

t.test('two ledgers on one folder in any order of steps: one log, one truth', async (t) => {
  const { PROPERTY_SEED, PROPERTY_PATH, PROPERTY_RUNS = '120' } = process.env
  const seed = PROPERTY_SEED === undefined ? Date.now() | 0 : Number(PROPERTY_SEED)
  t.comment(`fast-check seed ${seed}`)
  const details = await fc.check(property, {
    seed,
    numRuns: Number(PROPERTY_RUNS),
    ...(PROPERTY_PATH === undefined ? {} : { path: PROPERTY_PATH })
  })
  t.comment(JSON.stringify(totals))
  if (details.failed) {
    const { errorInstance } = details
    t.fail('found', {
      counterexample: fc.defaultReportMessage(details),
      cause: String((errorInstance as Error)?.stack)
    })
  }
  t.ok(totals.voidUnits > 0, 'the ledgers came in each other’s way')
})
