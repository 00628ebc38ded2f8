import t from 'tap'
import { FaultyFileSystem, type Operation } from '../../../adapters/file-system/faulty-file-system.ts'
import type { FileSystem, OpenFile } from '../../../adapters/file-system/file-system.ts'
import { GuardedFileSystem, isDiskFailure } from '../../../adapters/file-system/guarded-file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { Breaker } from '../../../adapters/resilience/breaker.ts'

async function guard(inner: FileSystem, retryTimes = 2) {
  const breaker = new Breaker({
    name: 'fileSystem',
    threshold: 0.5,
    cooldownMs: 1000,
    isFailure: isDiskFailure
  })
  let retries = 0
  const disk = new GuardedFileSystem({
    inner,
    breaker,
    retryTimes,
    retryBaseMs: 1,
    readsMax: 2,
    readsQueuedMax: 3,
    onRetry: () => (retries += 1)
  })
  await disk.makeFolder('/d')
  const file = await disk.open('/d/f', 'create')
  await file.append(Buffer.from('abc'))
  await file.syncData()
  return { disk, breaker, file, retries: () => retries }
}

const calls: [Operation, (disk: FileSystem, file: OpenFile) => Promise<unknown>, number][] = [
  ['list', (disk) => disk.list('/d'), 2],
  ['open', (disk) => disk.open('/d/f', 'read'), 2],
  ['read', (_disk, file) => file.read(Buffer.alloc(3), 0), 2],
  ['append', (_disk, file) => file.append(Buffer.from('d')), 0],
  ['syncData', (_disk, file) => file.syncData(), 0],
  ['syncFolder', (disk) => disk.syncFolder('/d'), 0],
  ['rename', (disk) => disk.rename('/d/f', '/d/g'), 0],
  ['remove', (disk) => disk.remove('/d/f'), 0],
  ['makeFolder', (disk) => disk.makeFolder('/e'), 0]
]

for (const [operation, call, retries] of calls) {
  t.test(`${operation} that fails is made again ${retries} times`, async (t) => {
    const inner = new FaultyFileSystem(new MemoryFileSystem())
    const guarded = await guard(inner)
    const { disk, breaker, file } = guarded
    const before = inner.log.filter((name) => name === operation).length
    inner.plan = [{ kind: 'fail', operation, nth: before + 1, code: 'EIO', times: Infinity }]
    await t.rejects(call(disk, file), { code: 'EIO' })
    t.equal(inner.log.filter((name) => name === operation).length, before + 1 + retries)
    t.equal(guarded.retries(), retries)
    t.equal(breaker.failures, 1 + retries, 'each try is counted')
  })
}

t.test('what fails once and can pass is not noticed', async (t) => {
  const inner = new FaultyFileSystem(new MemoryFileSystem())
  const { disk, retries } = await guard(inner)
  inner.plan = [{ kind: 'fail', operation: 'list', nth: 1, code: 'EMFILE' }]
  t.strictSame(await disk.list('/d'), ['f'])
  t.equal(retries(), 1)
})

t.test('an answer is no failure, and is not asked for again', async (t) => {
  const inner = new FaultyFileSystem(new MemoryFileSystem())
  const { disk, breaker, retries } = await guard(inner)
  await t.rejects(disk.open('/d/none', 'read'), { code: 'ENOENT' })
  t.equal(retries(), 0)
  t.equal(breaker.failures, 0)
})

t.test('failing reads open the breaker', async (t) => {
  const inner = new FaultyFileSystem(new MemoryFileSystem())
  const { breaker, file } = await guard(inner, 0)
  inner.plan = [{ kind: 'fail', operation: 'read', nth: 1, code: 'EIO', times: Infinity }]
  for (let read = 0; breaker.state === 'closed' && read < 20; read += 1) {
    await t.rejects(file.read(Buffer.alloc(1), 0))
  }
  t.equal(breaker.state, 'open')
})

t.test('reads wait for their turn, and never keep a write or a sync waiting', async (t) => {
  const held: (() => void)[] = []
  const inner = new MemoryFileSystem()
  const { disk, file } = await guard(slowToRead(inner, held))
  const reader = await disk.open('/d/f', 'read')
  const reads = Array.from({ length: 5 }, () => reader.read(Buffer.alloc(3), 0))
  while (held.length < 2) await new Promise((resolve) => setImmediate(resolve))
  t.match(disk.reads, { active: 2, queued: 3, limit: 2, queueMax: 3 })
  await t.rejects(reader.read(Buffer.alloc(3), 0), { name: 'LedgerError', code: 'queue_full' })
  t.equal(disk.reads.refused, 1)
  t.equal(await file.append(Buffer.from('d')), 1)
  await file.syncData()
  t.equal(held.length, 2, 'no more than two are read at once')
  while (disk.reads.active > 0) {
    for (const go of held.splice(0)) go()
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.strictSame(await Promise.all(reads), [3, 3, 3, 3, 3])
})

/** A disk whose reads wait until they are let go. */
function slowToRead(inner: MemoryFileSystem, held: (() => void)[]): FileSystem {
  const open: FileSystem['open'] = async (path, mode) => {
    const file = await inner.open(path, mode)
    const read: OpenFile['read'] = async (into, position) => {
      await new Promise<void>((resolve) => held.push(resolve))
      return await file.read(into, position)
    }
    return {
      append: (bytes) => file.append(bytes),
      writeAt: (bytes, position) => file.writeAt(bytes, position),
      size: () => file.size(),
      syncData: () => file.syncData(),
      close: () => file.close(),
      read
    }
  }
  return {
    open,
    makeFolder: (path) => inner.makeFolder(path),
    list: (folder) => inner.list(folder),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    syncFolder: (folder) => inner.syncFolder(folder)
  }
}
