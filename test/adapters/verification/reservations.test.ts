import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { ReservationCheck } from '../../../adapters/verification/reservation-check.ts'
import { verify } from '../../../adapters/verification/verification.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { ReplayParts } from '../../../adapters/wal/replay-capture.ts'
import { blocksOf } from '../../../adapters/wal/snapshot/snapshot-blocks.ts'
import { SnapshotFolder } from '../../../adapters/wal/snapshot/snapshot-folder.ts'
import { StockBook } from '../../../domain/book.ts'
import type { Command } from '../../../domain/commands.ts'
import {
  ENDED_KEPT_MAX,
  EndedReservations,
  type EndedReservation
} from '../../../domain/ended-reservations.ts'
import { OpenReservations, type Reservation } from '../../../domain/open-reservations.ts'
import { FrozenRecords, RecordColumnsBuilder } from '../../../domain/record-columns.ts'
import { adjust } from '../sync/stock.ts'

const TARGET = { storeId: 'S', sku: 'A' }

/** A folder whose reservations have come to every end, with a snapshot in the middle of it and one after it. */
async function goodFolder(t: Test): Promise<string> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'bincard-verify-'))
  t.teardown(() => rmSync(dataFolder, { recursive: true }))
  const ledger = await openWalLedger({ dataFolder })
  const execute = async (command: Command, at: number): Promise<void> => {
    const outcome = await ledger.execute({ at, atomic: false, lines: [{ command }] })
    if (outcome.kind !== 'answered' || outcome.answer.results[0]?.applied !== true)
      throw new Error(JSON.stringify(outcome))
  }
  const resolve = (type: 'release' | 'commit', reservationId: string, qty?: number): Command => ({
    type,
    ...TARGET,
    reservationId,
    ...(qty !== undefined && { qty })
  })
  await adjust(ledger, 'S', 'A', 100)
  for (const [reservationId, expiresAt] of [
    ['given-back'],
    ['left'],
    ['late', 900],
    ['open', 5000]
  ] as const) {
    const until = expiresAt === undefined ? {} : { expiresAt }
    await execute({ type: 'reserve', ...TARGET, qty: 3, reservationId, ...until }, 1)
  }
  await execute(resolve('release', 'given-back', 1), 10)
  await execute(resolve('release', 'given-back'), 20)
  await ledger.writeSnapshot()
  await execute(resolve('commit', 'left'), 30)
  await execute({ type: 'adjust', ...TARGET, delta: 1 }, 1000)
  await ledger.writeSnapshot()
  await ledger.close()
  return dataFolder
}

/** Writes the newest snapshot anew, with good checksums and other reservations in it. */
async function falsify(dataFolder: string, change: (parts: ReplayParts) => ReplayParts): Promise<void> {
  const snapshots = new SnapshotFolder(new NodeFileSystem(), dataFolder)
  const [newest = 0] = await snapshots.list()
  const { book, index, log } = change(await snapshots.read(newest))
  const capture = new StockBook(book).capture()
  await snapshots.write(newest, blocksOf({ book: capture, index, log }), () => Promise.resolve())
}

function withEnded(change: (ended: readonly EndedReservation[]) => readonly EndedReservation[]) {
  return (parts: ReplayParts): ReplayParts => ({
    ...parts,
    book: { ...parts.book, ended: change(parts.book.ended) }
  })
}

t.test('reservations of every end are as the log says', async (t) => {
  const folder = await goodFolder(t)
  t.strictSame((await verify(folder)).differences, [])
  await falsify(folder, (parts) => parts)
  t.strictSame((await verify(folder)).differences, [], 'written anew it says the same')
})

t.test('a snapshot that remembers ended reservations otherwise is found', async (t) => {
  const folder = await goodFolder(t)
  const snapshots = new SnapshotFolder(new NodeFileSystem(), folder)
  const [newest = 0] = await snapshots.list()
  const { book } = await snapshots.read(newest)
  const whole = withEnded(() => book.ended)
  t.strictSame(
    book.ended.map(({ id, units, status, at }) => [id, units, status, at]),
    [
      ['given-back', 2, 'released', 20],
      ['left', 3, 'committed', 30],
      ['late', 3, 'expired', 900]
    ]
  )
  const table: [(ended: readonly EndedReservation[]) => readonly EndedReservation[], RegExp][] = [
    [(ended) => ended.slice(1), /\.snapshot remembers 2 ended reservations, the log says 3$/],
    [(ended) => ended.toReversed(), /remembers the reservation late .* the log says .* given-back /],
    [
      (ended) => ended.map((one) => ({ ...one, status: 'committed' as const })),
      /given-back of \["S","A"\]: 2 committed at 20 .*, the log says .*: 2 released at 20 by event 7$/
    ],
    [(ended) => ended.map((one) => ({ ...one, at: one.at + 1 })), /at 21 .* at 20 /],
    [(ended) => ended.map((one) => ({ ...one, units: 1 })), /: 1 released .*: 2 released /],
    [(ended) => ended.map((one) => ({ ...one, sku: 'B' })), /\["S","B"\].*\["S","A"\]/],
    [(ended) => ended.map((one) => ({ ...one, sequence: 1 })), /by event 1, .* by event 7$/]
  ]
  for (const [change, expected] of table) {
    await falsify(folder, withEnded(change))
    const { differences } = await verify(folder)
    t.match(differences[0], expected)
    t.match(differences[0], /0000000000000\d+\.snapshot remembers /)
    await falsify(folder, whole)
  }
  t.strictSame((await verify(folder)).differences, [])
})

t.test('a snapshot that has open reservations otherwise is found', async (t) => {
  const folder = await goodFolder(t)
  const withOpen = (change: (open: Reservation) => Reservation) => (parts: ReplayParts) => {
    const builder = new RecordColumnsBuilder()
    for (const columns of parts.book.records) {
      const captured = new FrozenRecords(columns).record(0, 'S')
      const open = OpenReservations.of([...(captured.state.open?.byId.values() ?? [])].map(change))
      builder.add({ ...captured, state: { ...captured.state, open } })
    }
    return { ...parts, book: { ...parts.book, records: [builder.take()] } }
  }
  await falsify(
    folder,
    withOpen(({ id, units }) => ({ id, units }))
  )
  t.match((await verify(folder)).differences, [
    /\.snapshot has the reservation open of \["S","A"\]: 3 held, the log says .*: 3 held until 5000$/
  ])
  await falsify(
    folder,
    withOpen((open) => ({ ...open, id: 'other', expiresAt: 5000 }))
  )
  t.match((await verify(folder)).differences, [
    /has the reservation other of .*, the log says nothing of it$/,
    /has no open reservation where the log says the reservation open of /
  ])
})

t.test('what came first is not remembered for ever', async (t) => {
  const found: string[] = []
  const check = new ReservationCheck((difference) => found.push(difference))
  const ended = new EndedReservations()
  const count = 2 * ENDED_KEPT_MAX + 5
  for (let index = 1; index <= count; index += 1) {
    const facts = { ...TARGET, base: '', delta: 0, qty: 0, reserved: 0, version: 1 }
    const reservation = { ...facts, reservationId: `r-${index}`, units: 1 }
    const [at, unitId] = [index, 'w-1']
    check.take({ sequence: 2 * index - 1, at, unitId, event: { ...reservation, type: 'reserved' } })
    check.take({ sequence: 2 * index, at, unitId, event: { ...reservation, type: 'released' } })
    ended.add({ ...TARGET, id: `r-${index}`, units: 1, status: 'released', at, sequence: 2 * index })
  }
  check.compare('the list', { open: [], ended: ended.capture() })
  t.strictSame(found, [])
  check.compare('the list', { open: [], ended: ended.capture().slice(1) })
  t.match(found, [
    `the list remembers ${ENDED_KEPT_MAX - 1} ended reservations, the log says ${ENDED_KEPT_MAX}`
  ])
})
