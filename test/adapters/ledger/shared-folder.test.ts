// What a ledger in a folder promises beyond the port: it outlives its process and shares the folder with others.
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger, type WalLedgerOptions } from '../../../adapters/wal/open-wal-ledger.ts'
import { adjust, key, reserve, separate, storeId, ttlMs } from '../../domain/units.ts'
import { ask, changes, feed, look, now, stock } from './asking.ts'
import { hold } from './held-call.ts'

function folder() {
  const fileSystem = new MemoryFileSystem()
  const open = (options: Partial<WalLedgerOptions> = {}) =>
    openWalLedger({ dataFolder: '/data', fileSystem, ...options })
  return { fileSystem, open }
}

t.test('everything is there when the folder is opened again', async (t) => {
  const { open } = folder()
  const ledger = await open({ segmentBytesMax: 500 })
  await stock(ledger, { a: 10, b: 5 })
  for (let round = 0; round < 20; round += 1) await stock(ledger, { a: 1 })
  await ledger.execute(separate([reserve('a', 4, 'r-1', 900)]))
  const events = await feed(ledger)
  const page = await ledger.list({ storeId, limit: 10 }, now)
  const history = await ledger.history({ storeId, sku: 'a', limit: 10 })
  const { sequence } = ledger.health()
  await ledger.close()

  const again = await open()
  t.strictSame(await feed(again), events)
  t.strictSame(await again.list({ storeId, limit: 10 }, now), page)
  t.strictSame(await again.history({ storeId, sku: 'a', limit: 10 }), history)
  t.match(again.health(), { status: 'open', sequence, tornFrames: 0, voidUnits: 0 })
  await again.close()
})

t.test('a key is held by the instants in the log, whatever the clock of the reader says', async (t) => {
  const { open } = folder()
  const ledger = await open()
  await stock(ledger, { a: 10 })
  const asked = separate([adjust('a', -1)], { identity: key('k') })
  const first = await ledger.execute(asked)
  await ledger.close()

  const again = await open({ now: () => 1e15 })
  t.strictSame(await again.execute({ ...asked, at: 99 + ttlMs }), { ...first, replayed: true })
  await again.close()
  const later = await open({ now: () => 0 })
  t.strictSame(await ask(later, { ...asked, at: 100 + ttlMs }), ['8 v3'])
  await later.close()
})

t.test('what one ledger answered another one sees at once', async (t) => {
  const { open } = folder()
  const [one, two] = [await open({ segmentBytesMax: 300 }), await open({ segmentBytesMax: 300 })]
  for (let round = 1; round <= 20; round += 1) {
    await stock(round % 2 === 0 ? one : two, { a: 1 })
    const other = round % 2 === 0 ? two : one
    t.equal(await look(other, 'a'), `${round}+0 v${round}`)
    t.match(await other.list({ storeId, limit: 1 }, now), { records: [{ version: round }] })
    t.match(await other.history({ storeId, sku: 'a', limit: 1 }), { events: [{ sequence: round }] })
    t.same(changes(await other.read(round, 1)), [`${round} a 1`])
  }
  await Promise.all([one.close(), two.close()])
})

t.test('one effect of a key, whichever ledgers are asked at once', async (t) => {
  const { open } = folder()
  const ledgers = [await open(), await open()]
  await stock(ledgers[0]!, { a: 10 })
  const asked = separate([adjust('a', -4)], { identity: key('k') })
  const outcomes = await Promise.all([0, 1, 0, 1, 1].map((which) => ledgers[which]!.execute(asked)))
  const answers = outcomes.map((outcome) => outcome.kind === 'answered' && outcome.answer)
  t.strictSame(answers, Array(5).fill(answers[0]))
  t.equal(outcomes.filter((outcome) => outcome.kind === 'answered' && !outcome.replayed).length, 1)
  for (const ledger of ledgers) t.equal(await look(ledger, 'a'), '6+0 v2')
  await Promise.all(ledgers.map((ledger) => ledger.close()))
})

t.test('who waits for an event is woken by the write of another ledger', async (t) => {
  const { open } = folder()
  const [one, two] = [await open({ lookIntervalMs: 1 }), await open()]
  const wait = one.waitFor(2)
  // The timer alone keeps no process alive, nor must it.
  const alive = setInterval(() => undefined, 1000)
  await stock(two, { a: 1, b: 1 })
  await wait
  clearInterval(alive)
  t.same(changes(await one.read(2, 1)), ['2 b 1'])
  await Promise.all([one.close(), two.close()])
})

t.test('only so many writes wait: the next one is refused and leaves nothing behind', async (t) => {
  const { fileSystem, open } = folder()
  const ledger = await open({ queueDepthMax: 3 })
  const sync = hold(fileSystem, 'syncData', 'effect')
  const inHand = ask(ledger, separate([adjust('a', 1)]))
  await sync.reached
  t.equal(ledger.health().queueDepth, 0)
  const waiting = [2, 3, 4].map((delta) => ask(ledger, separate([adjust('a', delta)])))
  t.equal(ledger.health().queueDepth, 3)
  const refused = ledger.execute(separate([adjust('a', 100)]))
  await t.rejects(refused, { name: 'LedgerError', code: 'queue_full' })
  sync.release()
  t.same(await inHand, ['1 v1'])
  t.same((await Promise.all(waiting)).flat(), ['3 v2', '6 v3', '10 v4'])
  t.equal(ledger.health().queueDepth, 0)
  t.same(await ask(ledger, separate([adjust('a', 1)])), ['11 v5'], 'and then there is room again')
  await ledger.close()
})

t.test('nothing is visible or answered before it is durable', async (t) => {
  const { fileSystem, open } = folder()
  const ledger = await open()
  await stock(ledger, { a: 1 })
  const sync = hold(fileSystem, 'syncData', 'effect')
  let isAnswered = false
  const asked = ledger.execute(separate([adjust('a', 1)])).then(() => (isAnswered = true))
  await sync.reached
  let isRead = false
  const read = ledger.get(storeId, 'a', now).finally(() => (isRead = true))
  await ledger.get(storeId, 'other', now)
  t.same([isAnswered, isRead, ledger.health().sequence], [false, false, 1])
  const lost = await openWalLedger({ dataFolder: '/data', fileSystem: fileSystem.crash() })
  t.equal(await look(lost, 'a'), '1+0 v1')
  await lost.close()
  sync.release()
  await asked
  t.match(await read, { qty: 2, version: 2 })
  const found = await openWalLedger({ dataFolder: '/data', fileSystem: fileSystem.crash() })
  t.equal(await look(found, 'a'), '2+0 v2')
  await Promise.all([found.close(), ledger.close()])
})
