// One example for each sentence of the durability model in memory-file-system.ts.
import t from 'tap'
import type { OpenFile } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { bytesOf, syncedFile, textIn, textOf } from './text.ts'

/** A durable file with a durable name. */
async function fileOnDisk(files: MemoryFileSystem, path: string, text: string): Promise<OpenFile> {
  const file = await syncedFile(files, path, text)
  await files.syncFolder('/')
  return file
}

function contentsOf(files: MemoryFileSystem): Record<string, string> {
  return Object.fromEntries(files.paths().map((path) => [path, textOf(files.readAll(path))]))
}

t.test('bytes are durable after syncData and not before', async (t) => {
  const files = new MemoryFileSystem()
  const file = await fileOnDisk(files, '/log', 'synced')
  await file.append(bytesOf(' not'))
  t.same(contentsOf(files.crash()), { '/log': 'synced' })
  await file.syncData()
  t.same(contentsOf(files.crash()), { '/log': 'synced not' })
})

t.test('a sync covers the writes of every handle', async (t) => {
  const files = new MemoryFileSystem()
  const writer = await fileOnDisk(files, '/log', 'one ')
  await writer.append(bytesOf('two'))
  await (await files.open('/log', 'read')).syncData()
  t.same(contentsOf(files.crash()), { '/log': 'one two' })
})

t.test('a sync does not cover what is written while it runs', async (t) => {
  const files = new MemoryFileSystem()
  const file = await fileOnDisk(files, '/log', '')
  await file.append(bytesOf('before '))
  const written: Promise<number>[] = []
  files.schedule = async ({ operation, moment }) => {
    if (operation === 'syncData' && moment === 'effect') written.push(file.append(bytesOf('while')))
    if (operation === 'syncData') await Promise.all(written)
  }
  await file.syncData()
  t.equal(textOf(files.readAll('/log')), 'before while')
  t.same(contentsOf(files.crash()), { '/log': 'before ' })
})

t.test('a folder sync does not cover what changes while it runs', async (t) => {
  const files = new MemoryFileSystem()
  await files.open('/before', 'create')
  let opened: Promise<OpenFile> | undefined
  files.schedule = async ({ operation, moment }) => {
    if (operation !== 'syncFolder') return
    if (moment === 'effect') opened ??= files.open('/while', 'create')
    await opened
  }
  await files.syncFolder('/')
  t.same(files.paths(), ['/before', '/while'])
  t.same(files.crash().paths(), ['/before'])
  await files.syncFolder('/')
  t.same(files.crash().paths(), ['/before', '/while'])
})

t.test('a buffer may be used again once the write has returned', async (t) => {
  const files = new MemoryFileSystem()
  const file = await fileOnDisk(files, '/log', '')
  const buffer = bytesOf('one ')
  await file.append(buffer)
  buffer.set(bytesOf('two '))
  await file.append(buffer)
  await file.syncData()
  t.same(contentsOf(files.crash()), { '/log': 'one two ' })
})

t.test('overwritten bytes come back unless synced', async (t) => {
  const files = new MemoryFileSystem()
  await fileOnDisk(files, '/file', 'abcdef')
  const file = await files.open('/file', 'update')
  await file.writeAt(bytesOf('XY'), 2)
  t.same(contentsOf(files.crash()), { '/file': 'abcdef' })
  await file.syncData()
  t.same(contentsOf(files.crash()), { '/file': 'abXYef' })
})

t.test('a file whose name was not synced is lost, its synced bytes with it', async (t) => {
  const files = new MemoryFileSystem()
  const file = await syncedFile(files, '/log', 'synced')
  t.same(contentsOf(files.crash()), {})
  await files.syncFolder('/')
  t.same(contentsOf(files.crash()), { '/log': 'synced' })
  await file.close()
})

t.test('a name without synced bytes is an empty file', async (t) => {
  const files = new MemoryFileSystem()
  const file = await files.open('/log', 'create')
  await file.append(bytesOf('not synced'))
  await files.syncFolder('/')
  t.same(contentsOf(files.crash()), { '/log': '' })
})

t.test('a folder is a name in the folder above it', async (t) => {
  const files = new MemoryFileSystem()
  await files.makeFolder('/data/log')
  await syncedFile(files, '/data/log/1', 'one')
  await files.syncFolder('/data/log')
  t.same(contentsOf(files.crash()), {})
  await files.syncFolder('/')
  t.same(contentsOf(files.crash()), {}, '/data is there, /data/log is not')
  await files.syncFolder('/data')
  t.same(contentsOf(files.crash()), { '/data/log/1': 'one' })
})

t.test('a removed name comes back unless its folder is synced', async (t) => {
  const files = new MemoryFileSystem()
  await fileOnDisk(files, '/log', 'synced')
  await files.remove('/log')
  t.same(contentsOf(files.crash()), { '/log': 'synced' })
  await files.syncFolder('/')
  t.same(contentsOf(files.crash()), {})
})

t.test('a rename within a folder is undone as a whole or not at all', async (t) => {
  const files = new MemoryFileSystem()
  await fileOnDisk(files, '/old', 'before')
  await fileOnDisk(files, '/temporary', 'after')
  await files.rename('/temporary', '/old')
  t.same(contentsOf(files.crash()), { '/old': 'before', '/temporary': 'after' })
  const found = new Set<string>()
  for (let seed = 0; seed < 50; seed += 1)
    found.add(JSON.stringify(contentsOf(files.crash({ seed, keepUnsynced: 'some' }))))
  t.same([...found].sort(), ['{"/old":"after"}', '{"/old":"before","/temporary":"after"}'])
  await files.syncFolder('/')
  t.same(contentsOf(files.crash()), { '/old': 'after' })
})

t.test('a rename between folders is durable by halves', async (t) => {
  const files = new MemoryFileSystem()
  await files.makeFolder('/a')
  await files.makeFolder('/b')
  await fileOnDisk(files, '/a/file', 'text')
  await files.syncFolder('/a')
  await files.rename('/a/file', '/b/file')
  const withTarget = files.crash({ keepUnsynced: 'all' })
  await withTarget.syncFolder('/b')
  t.same(contentsOf(withTarget.crash()), { '/a/file': 'text', '/b/file': 'text' })
  await files.syncFolder('/a')
  t.same(contentsOf(files.crash()), {})
  await files.syncFolder('/b')
  t.same(contentsOf(files.crash()), { '/b/file': 'text' })
})

t.test('a file that two names were left for is one file', async (t) => {
  const files = new MemoryFileSystem()
  await files.makeFolder('/b')
  const file = await fileOnDisk(files, '/file', 'text')
  await files.rename('/file', '/b/file')
  await files.syncFolder('/b')
  const found = files.crash()
  await (await found.open('/b/file', 'append')).append(bytesOf(' and more'))
  t.equal(textOf(found.readAll('/file')), 'text and more')
  await file.close()
})

t.test('kill -9 keeps everything and makes nothing durable', async (t) => {
  const files = new MemoryFileSystem()
  const file = await fileOnDisk(files, '/log', 'synced')
  await file.append(bytesOf(' not'))
  await syncedFile(files, '/new', 'new')
  const killed = files.crash({ keepUnsynced: 'all' })
  t.same(contentsOf(killed), { '/log': 'synced not', '/new': 'new' })
  t.same(contentsOf(killed.crash()), { '/log': 'synced' })
  await (await killed.open('/log', 'read')).syncData()
  await killed.syncFolder('/')
  t.same(contentsOf(killed.crash()), { '/log': 'synced not', '/new': 'new' })
})

t.test('the disk found after a crash is another one', async (t) => {
  const files = new MemoryFileSystem()
  const file = await fileOnDisk(files, '/log', 'one')
  for (const keepUnsynced of ['none', 'some', 'all'] as const) {
    const found = files.crash({ keepUnsynced })
    await (await found.open('/log', 'append')).append(bytesOf(' found'))
    found.flipByte('/log', 0)
    await found.remove('/log')
  }
  await file.append(bytesOf(' two'))
  t.equal(await textIn(file), 'one two')
})

t.test('every method answers later, in the order that the schedule gives', async (t) => {
  const waiting = new Map<string, () => void>()
  const files = new MemoryFileSystem()
  const one = await files.open('/one', 'create')
  files.schedule = ({ operation, path, moment }) =>
    new Promise<void>((resolve) => waiting.set(`${operation} ${path} ${moment}`, resolve))
  const order: string[] = []
  const first = one.append(bytesOf('first ')).then(() => order.push('first'))
  const named = files.rename('/one', '/two').then(() => order.push('named'))
  t.same([...waiting.keys()], ['append /one effect', 'rename /one effect'])
  t.equal(one.size(), 0)
  t.same(files.paths(), ['/one'])

  const pass = async (moment: string) => {
    waiting.get(moment)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await pass('rename /one effect')
  t.same(files.paths(), ['/two'])
  await pass('append /one effect')
  t.equal(one.size(), 6, 'the effect is there before the answer')
  t.same(order, [])
  await pass('append /one answer')
  await pass('rename /one answer')
  t.same(order, ['first', 'named'])
  await Promise.all([first, named])
})

t.test('the root is a folder that is always there', async (t) => {
  const files = new MemoryFileSystem().crash()
  t.same(await files.list('/'), [])
  await files.makeFolder('/')
  await t.rejects(files.open('/', 'create'), { code: 'EEXIST' })
  await t.rejects(files.open('/', 'append'), { code: 'EISDIR' })
  await t.rejects(files.remove('/'), { code: 'EISDIR' })
})
