// Two ledgers on one folder of a real disk, in one process, as fast as they can.
import { deepStrictEqual } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { AnswerAudit } from './answer-audit.ts'
import { feed } from './asking.ts'
import { LogAudit } from './log-audit.ts'
import { Witness } from './witness.ts'
import { openingStock, work } from './workload.ts'

const unitsPerWriter = 800

for (const recordCount of [200, 4, 1]) {
  t.test(`two ledgers at full speed on ${recordCount} records`, async (t) => {
    const seed = Number(process.env.PROPERTY_SEED ?? Date.now() | 0)
    t.comment(`seed ${seed}`)
    const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-full-speed-'))
    t.teardown(() => rm(dataFolder, { recursive: true, force: true }))
    const open = () => openWalLedger({ dataFolder, segmentBytesMax: 200_000 })
    const ledgers = [await open(), await open()]
    const witness = new Witness(ledgers)
    const workload = { seed, recordCount }
    await witness.execute(ledgers[0]!, openingStock(workload))
    const start = performance.now()
    await Promise.all(
      ledgers.map((ledger, writer) =>
        work({ witness, ledger, workload, writer }, { first: 0, end: unitsPerWriter, clients: 16 })
      )
    )
    const seconds = (performance.now() - start) / 1000
    const third = await open()
    const feeds = await Promise.all([...ledgers, third].map(feed))
    const verdicts = [...ledgers, third].map((ledger) => ledger.health().voidUnits)
    await Promise.all([...ledgers, third].map((ledger) => ledger.close()))
    const log = await LogAudit.of(new NodeFileSystem(), dataFolder)
    for (const served of feeds) log.requireFeed(served)
    deepStrictEqual(verdicts, Array(3).fill(log.voidUnits.length), 'one verdict on every unit')
    new AnswerAudit(log).check(witness)
    const rate = Math.round((2 * unitsPerWriter) / seconds)
    t.comment(`${rate} units a second, ${log.events.length} events, ${log.voidUnits.length} frames void`)
    t.equal(witness.answers.length, 2 * unitsPerWriter + 1)
  })
}
