import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import walStore, {
  LedgerError,
  type Command,
  type Outcome,
  type Unit,
  type WalStoreOptions
} from '../../../plugins/wal-store/plugin.ts'
import { ownFolder } from '../../processes/own-folder.ts'

const at = 1_700_000_000_000

async function application(t: Test, options: WalStoreOptions) {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(walStore, options)
  await fastify.ready()
  const adjust = (delta: number, sku = 'K'): Promise<Outcome> => {
    const command: Command = { type: 'adjust', storeId: 'S', sku, delta }
    return fastify.walStore.execute({ at, atomic: false, lines: [{ command }] })
  }
  return { fastify, adjust, store: fastify.walStore }
}

t.test(
  'what was answered is there in every other application on the folder, and after a restart',
  async (t) => {
    const dataFolder = ownFolder(t)
    const one = await application(t, { dataFolder })
    const other = await application(t, { dataFolder })
    t.match(await one.adjust(5), {
      kind: 'answered',
      answer: { results: [{ applied: true, record: { qty: 5, version: 1 } }] }
    })
    t.match(await other.store.get('S', 'K', at), { qty: 5, version: 1 })
    t.match(await other.adjust(-6), {
      answer: {
        results: [
          { applied: false, refusal: { code: 'insufficient_stock', available: 5 }, current: { qty: 5 } }
        ]
      }
    })
    t.match(await one.store.read(1, 10), [{ sequence: 1, event: { type: 'adjusted', delta: 5 } }])
    await one.fastify.close()
    await other.fastify.close()
    await t.rejects(one.adjust(1), { name: 'LedgerError', code: 'closed' })
    const again = await application(t, { dataFolder })
    t.match(await again.store.get('S', 'K', at), { qty: 5, version: 1 })
  }
)

t.test('each application has a ledger of its own scope', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const folders = [ownFolder(t), ownFolder(t)]
  for (const dataFolder of folders) {
    await fastify.register(async (scope) => {
      await scope.register(walStore, { dataFolder })
      const command = { type: 'adjust', storeId: 'S', sku: 'K', delta: 1 } as const
      await scope.walStore.execute({ at, atomic: false, lines: [{ command }] })
      t.equal(scope.walStore.health().sequence, 1)
    })
  }
  await fastify.ready()
  t.notOk(fastify.hasDecorator('walStore'))
})

t.test('the queue is bounded, and segments end where they are told to', async (t) => {
  const dataFolder = ownFolder(t)
  const { adjust, store } = await application(t, { dataFolder, queueDepthMax: 2, segmentBytesMax: 300 })
  const tries = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => adjust(1, `K${index}`)))
  const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  t.ok(refused.length > 0 && refused.length < 9)
  t.ok(refused.every((reason) => reason instanceof LedgerError && reason.code === 'queue_full'))
  for (let unit = 0; unit < 6; unit += 1) await adjust(1)
  t.ok(readdirSync(join(dataFolder, 'log')).length > 1)
  t.match(await store.writeSnapshot(), { sequence: store.health().sequence })
  t.equal(readdirSync(join(dataFolder, 'snapshots')).length, 1)
})

t.test('a disk that fails makes it read-only, and it takes writes again by itself', async (t) => {
  const fileSystem = new FaultyFileSystem(new NodeFileSystem())
  const lines: string[] = []
  const fastify = Fastify({
    logger: { level: 'info', stream: { write: (line: string) => void lines.push(line) } }
  })
  t.teardown(() => fastify.close())
  await fastify.register(walStore, { dataFolder: ownFolder(t), fileSystem, cooldownMs: 1 })
  const command = { type: 'adjust', storeId: 'S', sku: 'K', delta: 1 } as const
  const adjust = () => fastify.walStore.execute({ at, atomic: false, lines: [{ command }] })
  await adjust()
  const nth = fileSystem.log.filter((name) => name === 'syncData').length + 1
  fileSystem.plan = [{ kind: 'fail', operation: 'syncData', nth, code: 'EIO' }]
  await t.rejects(adjust(), { name: 'LedgerError', code: 'in_doubt' })
  t.match(await fastify.walStore.get('S', 'K', at), { qty: 1 })
  while (fastify.walStore.health().status !== 'open') await new Promise((resolve) => setImmediate(resolve))
  t.match(await adjust(), { kind: 'answered' })
  t.match(lines.join(''), /the ledger takes no more writes.*\n.*the ledger takes writes again/)
})

t.test('a log that has rotted is refused, with its place', async (t) => {
  const dataFolder = ownFolder(t)
  const first = await application(t, { dataFolder })
  await first.adjust(7)
  await first.adjust(1)
  await first.fastify.close()
  const path = join(dataFolder, 'log', '0000000000000001.wal')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"delta":7', '"delta":8'))
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  fastify.register(walStore, { dataFolder })
  await t.rejects(async () => await fastify.ready(), { message: `damage in ${path} at byte ` })
})

t.test('what no type of the domain allows is refused by name, and changes nothing', async (t) => {
  const { store, adjust } = await application(t, { dataFolder: ownFolder(t) })
  const target = { storeId: 'S', sku: 'K' }
  const unit = (command: object, more: object = {}) =>
    ({ at, atomic: false, lines: [{ command: { ...target, ...command } }], ...more }) as unknown as Unit
  const table: [Unit, RegExp][] = [
    [unit({ type: 'adjust', delta: 0.5 }), /lines\.0\.command\.delta must be integer/],
    [unit({ type: 'adjust', delta: NaN }), /lines\.0\.command\.delta must be integer/],
    [unit({ type: 'adjust', delta: 0 }), /lines\.0\.command\.delta must be other than 0/],
    [unit({ type: 'adjust', delta: '5' }), /lines\.0\.command\.delta must be integer/],
    [unit({ type: 'adjust', delta: 1, sku: 'a\nb' }), /lines\.0\.command\.sku must be 1 to 128 characters/],
    [unit({ type: 'adjust', delta: 1, quantity: 1 }), /lines\.0\.command .*\(quantity\)/],
    [unit({ type: 'reserve', qty: 1.5, reservationId: 'r' }), /lines\.0\.command\.qty must be integer/],
    [unit({ type: 'steal', qty: 1 }), /lines\.0\.command .*"type"/],
    [unit({ type: 'adjust', delta: 1 }, { at: -1 }), /at must be >= 0/],
    [unit({ type: 'adjust', delta: 1 }, { identity: { key: 'k', fingerprint: 'f' } }), /identity .*until/],
    [undefined as unknown as Unit, /it must be object/]
  ]
  for (const [wrong, message] of table) await t.rejects(store.execute(wrong), { name: 'TypeError', message })
  t.equal(store.health().sequence, 0)
  const key = { key: 'shop k', fingerprint: 'f', until: at + 1000 }
  const all: Command[] = [
    { ...target, type: 'adjust', delta: 9, reason: 'é'.repeat(512), precondition: { kind: 'absent' } },
    { ...target, type: 'reserve', qty: 2, reservationId: 'r', expiresAt: at + 10 },
    { ...target, type: 'extend', reservationId: 'r', expiresAt: at + 20 },
    { ...target, type: 'release', reservationId: 'r', qty: 1 },
    { ...target, type: 'commit', reservationId: 'r', precondition: { kind: 'versions', versions: [4] } },
    { ...target, type: 'expire', countMax: 5 },
    { storeId: 'C', sku: '\u{1f375}', type: 'create_product', name: 'Tea', available: 3, price: 1.5 },
    { storeId: 'C', sku: '\u{1f375}', type: 'set_product', price: 2 },
    { storeId: 'C', sku: '\u{1f375}', type: 'delete_product', precondition: { kind: 'version', version: 2 } }
  ]
  const lines = all.map((command, line) => ({ command, ...(line === 0 && { identity: key }) }))
  const outcome = await store.execute({ at, atomic: false, actor: 'till', lines })
  t.match(outcome, { answer: { results: all.map(({ type }) => ({ applied: type !== 'expire' })) } })
  t.match(await adjust(1), { kind: 'answered' })
})

t.test('options that do not fit are refused by name', async (t) => {
  const folder = ownFolder(t)
  const table: [object, string][] = [
    [{}, 'dataFolder'],
    [{ dataFolder: '' }, 'dataFolder'],
    [{ dataFolder: folder, queueDepthMax: 0 }, 'queueDepthMax'],
    [{ dataFolder: folder, segmentBytesMax: 1.5 }, 'segmentBytesMax'],
    [{ dataFolder: folder, cooldownMs: '5' }, 'cooldownMs'],
    [{ dataFolder: folder, fileSystem: 7 }, 'fileSystem'],
    [{ dataFolder: folder, dataFolders: [] }, 'dataFolders']
  ]
  for (const [options, name] of table) {
    const fastify = Fastify()
    fastify.register(walStore, options as WalStoreOptions)
    await t.rejects(async () => await fastify.ready(), {
      name: 'TypeError',
      message: `bincard-wal-store: option ${name}: `
    })
    await fastify.close()
  }
  t.strictSame(readdirSync(folder), [])
})
