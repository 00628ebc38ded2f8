// Several processes on one folder whose log is shortened: all agree on what is gone, and nobody serves what is not so.
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger, type WalLedgerOptions } from '../../../adapters/wal/open-wal-ledger.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import { adjust, key, reserve, separate, storeId } from '../../domain/units.ts'
import { ask, look, now, stock } from '../ledger/asking.ts'
import { hold } from '../ledger/held-call.ts'

function folder() {
  const disk = new MemoryFileSystem()
  const open = (options: Partial<WalLedgerOptions> = {}) =>
    openWalLedger({ dataFolder: '/data', fileSystem: disk, segmentBytesMax: 400, now: () => now, ...options })
  const files = (name: RegExp) => disk.paths().filter((path) => name.test(path))
  return { disk, open, files }
}

const segment = /\/log\/\d+\.wal$/

async function grow(ledger: WalLedger, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await stock(ledger, { a: 1 })
}

t.test('what one process removes is gone for all', async (t) => {
  const { open, files } = folder()
  const [one, two] = [await open(), await open()]
  await one.execute(separate([adjust('old', 5)], { identity: key('k') }))
  await one.execute(separate([reserve('old', 2, 'r-1', 900)]))
  await grow(one, 20)
  await two.read(1, 1)
  t.strictSame(await one.retain(3, 22), { removed: [], oldestSequence: 1 }, 'without a snapshot nothing goes')
  await one.writeSnapshot()
  t.strictSame((await one.retain(3, 0)).removed, [], 'a reader still needs it')
  const { removed, oldestSequence } = await one.retain(3, 22)
  t.ok(removed.length > 2)
  t.ok(oldestSequence > 10 && oldestSequence <= 20, `${oldestSequence}`)
  t.equal(files(segment)[0], `/data/log/${oldestSequence.toString().padStart(16, '0')}.wal`)
  for (const ledger of [two, one, await open()]) {
    const gone = { name: 'EventsGoneError', code: 'gone', oldestSequence }
    await t.rejects(ledger.read(oldestSequence - 1, 5), gone)
    t.equal((await ledger.read(oldestSequence, 100)).length, 22 - oldestSequence + 1)
    t.equal(ledger.health().oldestSequence, oldestSequence)
    const history = await ledger.history({ storeId, sku: 'a', limit: 100 })
    t.strictSame(history!.events.at(-1)!.sequence, oldestSequence, 'a history ends there')
    t.equal(history!.hasMore, false)
    t.strictSame(await ledger.history({ storeId, sku: 'old', limit: 5 }), { events: [], hasMore: false })
    t.equal(await look(ledger, 'old'), '3+2 v2')
    const again = separate([adjust('old', 5)], { identity: key('k') })
    t.match(await ledger.execute({ ...again, at: 200 }), { kind: 'answered', replayed: true })
  }
  t.same(await ask(two, separate([adjust('old', 1)])), ['4 v3'])
  t.equal(await look(one, 'old'), '4+2 v3')
  t.equal(await look(one, 'old', 900), '6+0 v3', 'a reservation expires as ever')
  await Promise.all([one.close(), two.close()])
})

t.test('two processes that write snapshots and retain at once agree', async (t) => {
  const { disk, open, files } = folder()
  const ledgers = [await open(), await open(), await open()]
  for (let round = 0; round < 6; round += 1) {
    await Promise.all(ledgers.map((ledger) => grow(ledger, 4)))
    await Promise.all(ledgers.map((ledger) => ledger.writeSnapshot()))
    const sequence = (round + 1) * 12
    await Promise.all(ledgers.map((ledger, index) => ledger.retain(2 + index, sequence)))
    for (const ledger of ledgers) await ledger.get(storeId, 'a', now)
    const oldest = new Set(ledgers.map((ledger) => ledger.health().oldestSequence))
    t.equal(oldest.size, 1, `round ${round}: ${[...oldest].join()}`)
    const late = await openWalLedger({ dataFolder: '/data', fileSystem: disk.crash() })
    t.strictSame([late.health().oldestSequence], [...oldest])
    t.equal(await look(late, 'a'), `${sequence}+0 v${sequence}`)
    await late.close()
  }
  t.ok(ledgers[0]!.health().oldestSequence > 40)
  t.equal(files(/\.snapshot$/).length, 2)
  t.strictSame(files(/unfinished|next-/), [])
  await Promise.all(ledgers.map((ledger) => ledger.close()))
})

t.test('a small log is bounded too: retention ends its segment when it holds enough', async (t) => {
  const { open, files } = folder()
  const ledger = await open({ segmentBytesMax: 64 * 1024 * 1024 })
  for (let round = 1; round <= 8; round += 1) {
    await grow(ledger, 25)
    await ledger.writeSnapshot()
    const { oldestSequence } = await ledger.retain(20, round * 25)
    t.ok(oldestSequence <= Math.max(1, round * 25 - 19), 'at least as many as asked for are kept')
    if (round > 4) t.ok(oldestSequence > (round - 4) * 25, `round ${round}: ${oldestSequence}`)
  }
  t.ok(files(segment).length < 6, `${files(segment).length} segments`)
  const { oldestSequence } = ledger.health()
  t.strictSame(
    (await ledger.retain(undefined, 200)).oldestSequence,
    oldestSequence,
    'without a count nothing goes'
  )
  await t.rejects(ledger.retain(0, 200), RangeError)
  await t.rejects(ledger.retain(NaN, 200), RangeError)
  await ledger.close()
})

t.test('prepared files that no seal can name any more are cleared away, others are left', async (t) => {
  const { disk, open, files } = folder()
  const ledger = await open()
  await grow(ledger, 12)
  const present = files(segment).at(-1)!.slice(-20, -4)
  const first = '0000000000000001'
  for (const name of [`next-${first}-dead.wal`, `next-${present}-live.wal`, 'next-other.wal']) {
    await (await disk.open(`/data/log/${name}`, 'create')).close()
  }
  await ledger.retain(undefined, 0)
  t.strictSame(files(/next-/), [`/data/log/next-${present}-live.wal`, '/data/log/next-other.wal'])
  await ledger.close()
})

async function leftBehind() {
  const { disk, open } = folder()
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  const stopped = await open({ onFailure, segmentBytesMax: 1_000_000, lookIntervalMs: 1_000_000 })
  const others = await open()
  await grow(others, 3)
  await stopped.get(storeId, 'a', now)
  const shorten = async (): Promise<void> => {
    await grow(others, 20)
    await others.writeSnapshot()
    await others.writeSnapshot()
    await others.retain(1, 1000)
  }
  return { disk, open, stopped, others, failures, shorten }
}

t.test(
  'a process that was stopped past retention stops with a clear error and serves nothing old',
  async (t) => {
    const { open, stopped, others, failures, shorten } = await leftBehind()
    const waiting = stopped.waitFor(1000)
    waiting.catch(() => undefined)
    await shorten()
    const error = {
      name: 'LeftBehindError',
      code: 'closed',
      message: /removed before this process came to read it/
    }
    await t.rejects(stopped.get(storeId, 'a', now), error)
    await t.rejects(stopped.list({ storeId, limit: 1 }, now), error)
    await t.rejects(stopped.read(1, 1), error)
    await t.rejects(stopped.execute(separate([adjust('a', 1)])), error)
    await t.rejects(stopped.writeSnapshot(), error)
    await t.rejects(waiting, { code: 'closed' })
    t.match(stopped.health(), { status: 'closed', cause: /removed before/ })
    t.equal(failures.length, 1)
    await stopped.close()
    const again = await open()
    t.equal(await look(again, 'a'), '23+0 v23')
    await Promise.all([again.close(), others.close()])
  }
)

t.test('one that was stopped in the middle of a write does not say that it was done', async (t) => {
  const { disk, open, stopped, others, shorten } = await leftBehind()
  const append = hold(disk, 'append', 'effect')
  const asked = stopped.execute(separate([adjust('a', 100)]))
  asked.catch(() => undefined)
  await append.reached
  await shorten()
  append.release()
  await t.rejects(asked, { code: 'in_doubt' })
  await t.rejects(stopped.get(storeId, 'a', now), { name: 'LeftBehindError' })
  const again = await open()
  t.equal(await look(again, 'a'), '23+0 v23', 'it landed where nobody looks')
  await Promise.all([stopped.close(), again.close(), others.close()])
})

t.test(
  'one that opens while the log is shortened under it begins again with the newer snapshot',
  async (t) => {
    const { disk, open, others, shorten } = await leftBehind()
    await others.writeSnapshot()
    const reading = hold(disk, 'open', 'effect')
    const opening = open()
    await reading.reached
    await shorten()
    reading.release()
    const late = await opening
    t.equal(await look(late, 'a'), '23+0 v23')
    await Promise.all([late.close(), others.close()])
  }
)
