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
