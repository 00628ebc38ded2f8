// Frames that were only half written, at the end of the log and in the middle of it, and sectors written out of order.
import assert from 'node:assert/strict'
import t from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import { audit, auditReplays } from './auditor.ts'
import { goOn } from './crash.ts'
import { ask, openOn, quickDisk, type Asked } from './machine.ts'
import { fewUnits, overwrite, serve, smallLog } from './small-log.ts'
import { workload, type Action, type PlannedUnit } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)
const sectorBytes = 512

const keyed: PlannedUnit = {
  name: 'keyed',
  isKeyed: true,
  unit: {
    at: 1_000_500,
    lines: [{ command: { type: 'adjust', storeId: 's', sku: 'k', delta: 4, reference: 'keyed/0' } }],
    atomic: false,
    identity: { key: ' keyed', fingerprint: 'keyed', until: 2_000_000 }
  }
}
const lastKeyed: Action[] = [...fewUnits(), { kind: 'ask', units: [keyed] }]

const inDoubt = ({ planned }: Asked): Asked => ({ planned })

t.test('the last frame is cut at each of its bytes', async (t) => {
  const log = await smallLog({ actions: lastKeyed, segmentBytesMax: 1_000_000, isClosed: false })
  const [path] = log.segments
  const bytes = Buffer.from(log.disk.readAll(path!))
  const start = bytes.lastIndexOf(0x0a, bytes.length - 2)
  let cuts = 0
  for (let length = start; length < bytes.length; length += 1) {
    const disk = log.disk.crash({ keepUnsynced: 'none' })
    disk.truncate(path!, length)
    const ledger = await openOn(disk)
    const asked = [...log.asked.slice(0, -1), inDoubt(log.asked.at(-1)!)]
    await audit(ledger, asked)
    // A frame that lacks only its newline is whole: it is there at once, not when somebody writes behind it.
    const isWhole = length === bytes.length - 1
    assert.equal(ledger.health().sequence, log.events.length - (isWhole ? 0 : 1), `cut at ${length}`)
    const again = await ask(ledger, [keyed])
    assert.ok(again[0]?.outcome, 'the same key may be tried again')
    const all = [...asked, ...again, ...(await ask(ledger, [plain('after')]))]
    await audit(ledger, all)
    if (length > start + 1 && length < bytes.length - 1) assert.equal(ledger.health().tornFrames, 1)
    await ledger.close()
    const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
    await audit(after, all)
    await auditReplays(after, all)
    assert.equal(after.health().sequence, ledger.health().sequence)
    cuts += 1
  }
  await log.ledger.close()
  t.comment({ cuts })
  t.ok(cuts > 200)
})

t.test('a writer dies at each byte of its frame while another one goes on', async (t) => {
  let deaths = 0
  for (let bytes = 0; ; bytes += 1) {
    const disk = quickDisk()
    const dying = new FaultyFileSystem(disk)
    const first = await openOn(dying)
    const second = await openOn(disk)
    const before = await ask(first, [plain('before')])
    const appends = dying.log.filter((operation) => operation === 'append').length
    dying.plan = [{ kind: 'crash', operation: 'append', nth: appends + 1, carriedOut: true, bytes }]
    const died = await ask(first, [keyed])
    assert.ok(died[0]?.error, 'the dead get no answer')
    const asked = [...before, ...died, ...(await ask(second, [plain('meanwhile')]))]
    await audit(second, asked)
    const retried = await ask(second, [keyed])
    const all = [...asked, ...retried, ...(await ask(second, [plain('after')]))]
    await audit(second, all)
    const third = await openOn(disk)
    await audit(third, all)
    await auditReplays(third, all)
    await second.close()
    await third.close()
    const fourth = await openOn(disk.crash({ keepUnsynced: 'none' }))
    await audit(fourth, all)
    assert.deepEqual(await fourth.read(1, 1000), await readAll(disk), 'all readers come to the same events')
    deaths += 1
    if (isWholeFrame(disk, bytes)) break
  }
  t.comment({ deaths })
  t.ok(deaths > 200)
})

t.test('of the last write each set of sectors is missing', async (t) => {
  const opening = fewUnits()
  const units = ['x', 'y', 'z'].map((name) => plain(name, 'w'.repeat(500)))
  const log = await smallLog({ actions: opening, segmentBytesMax: 1_000_000, isClosed: false })
  const [path] = log.segments
  const old = log.disk.readAll(path!).length
  const last = await ask(log.ledger, units)
  const bytes = log.disk.readAll(path!)
  const sectors: number[] = []
  for (let at = old - (old % sectorBytes); at < bytes.length; at += sectorBytes) sectors.push(at)
  const counts = { disks: 0, whole: 0, shortened: 0, skipped: 0 }
  for (let set = 0; set < 2 ** sectors.length; set += 1) {
    const disk = log.disk.crash({ keepUnsynced: 'none' })
    for (const [index, at] of sectors.entries()) {
      const from = Math.max(at, old)
      const to = Math.min(at + sectorBytes, bytes.length)
      if ((set >> index) & 1) await overwrite(disk, path!, new Uint8Array(to - from), from)
    }
    const ledger = await openOn(disk)
    const asked = [...log.asked, ...last.map(inDoubt)]
    await audit(ledger, asked)
    const { sequence } = ledger.health()
    counts.disks += 1
    counts[sequence === log.events.length + 3 ? 'whole' : 'shortened'] += 1
    const all = [...asked, ...(await goOn(ledger, seed))]
    if (set !== 0) assert.ok(ledger.health().tornFrames > 0, `${set}: what was lost is reported`)
    counts.skipped += ledger.skipped.length
    await ledger.close()
    const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
    await audit(after, all)
    await after.close()
  }
  await log.ledger.close()
  t.comment(counts)
  t.equal(counts.whole, 1)
  t.ok(counts.shortened >= 15)
})

t.test('a sector of what was acknowledged is missing', async (t) => {
  const counts = { refused: 0, served: 0 }
  for (const segmentBytesMax of [3000, 1_000_000]) {
    const log = await smallLog({ actions: workload({ seed, steps: 12 }), segmentBytesMax, isClosed: true })
    for (const path of log.segments) {
      const bytes = log.disk.readAll(path)
      for (let at = 0; at < bytes.length; at += sectorBytes) {
        const disk = log.disk.crash({ keepUnsynced: 'none' })
        await overwrite(disk, path, new Uint8Array(Math.min(sectorBytes, bytes.length - at)), at)
        const found = await serve(disk)
        counts['refused' in found ? 'refused' : 'served'] += 1
        if ('refused' in found) continue
        // With the sector of the closing mark goes the proof that it was ever there.
        assert.ok(
          path === log.segments.at(-1) && at + sectorBytes > markStart(bytes),
          `${path} sector at ${at}`
        )
        assert.deepEqual(found.events, log.events.slice(0, found.events.length))
      }
    }
  }
  t.comment(counts)
  t.ok(counts.refused > 20 && counts.served <= 4)
})

t.test('zeros that a disk has put behind the end do no harm', async (t) => {
  for (const isClosed of [true, false]) {
    for (const zeros of [1, 2, 511, 512, 513, 5000]) {
      const log = await smallLog({ actions: fewUnits(), segmentBytesMax: 1_000_000, isClosed })
      const [path] = log.segments
      await overwrite(log.disk, path!, new Uint8Array(zeros), log.disk.readAll(path!).length)
      const ledger = await openOn(log.disk.crash())
      await audit(ledger, log.asked)
      const all = [...log.asked, ...(await goOn(ledger, seed))]
      await ledger.close()
      const after = await openOn(log.disk)
      await audit(after, log.asked)
      await after.close()
      t.equal(ledger.health().tornFrames, 1, `${zeros} zeros are skipped and counted`)
      t.ok(all.length > log.asked.length)
      if (!isClosed) await log.ledger.close().catch(() => undefined)
    }
  }
})

function markStart(bytes: Uint8Array): number {
  return Buffer.from(bytes).lastIndexOf('\n', bytes.length - 2)
}

function plain(name: string, reason = ''): PlannedUnit {
  const command = {
    type: 'adjust',
    storeId: 's',
    sku: 'k',
    delta: 1,
    reference: `${name}/0`,
    reason
  } as const
  return { name, isKeyed: false, unit: { at: 1_000_400, lines: [{ command }], atomic: false } }
}

async function readAll(disk: ReturnType<typeof quickDisk>) {
  const ledger = await openOn(disk)
  const events = await ledger.read(1, 1000)
  await ledger.close()
  return events
}

/** Whether so many bytes are more than the frame of the unit that died has. */
function isWholeFrame(disk: ReturnType<typeof quickDisk>, bytes: number): boolean {
  const text = Buffer.from(disk.readAll(disk.paths().find((path) => path.endsWith('1.wal'))!)).toString(
    'latin1'
  )
  const line = text.split('\n').find((one) => one.includes('"keyed/0"') && one.endsWith('}'))
  return line !== undefined && bytes > line.length + 2
}
