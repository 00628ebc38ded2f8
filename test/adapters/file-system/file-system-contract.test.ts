// What every implementation of the port promises; durability is for memory-file-system.test.ts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { bytesOf, syncedFile, textIn, textOf } from './text.ts'

type Given = { t: Test; files: FileSystem; at: (name: string) => string }

const promises: Record<string, (given: Given) => Promise<void>> = {
  async 'appends go to the end, whichever handle they come through'({ t, files, at }) {
    const one = await files.open(at('log'), 'create')
    const two = await files.open(at('log'), 'append')
    t.equal(await one.append(bytesOf('one ')), 4)
    t.equal(await two.append(bytesOf('two ')), 4)
    t.equal(await one.append(bytesOf('three')), 5)
    t.equal(await textIn(two), 'one two three')
    t.equal(one.size(), 13)
    await Promise.all([one.close(), two.close()])
  },

  async 'appends that overlap stay whole'({ t, files, at }) {
    const one = await files.open(at('log'), 'create')
    const two = await files.open(at('log'), 'append')
    const chunks = Array.from({ length: 100 }, (_, index) => String(index).padStart(3, '0').repeat(100))
    await Promise.all(chunks.map((chunk, index) => (index % 2 ? one : two).append(bytesOf(chunk))))
    const found = (await textIn(one)).match(/.{300}/gs) ?? []
    t.same(found.sort(), chunks)
    await Promise.all([one.close(), two.close()])
  },

  async 'writeAt overwrites, extends, and leaves zeros in a gap'({ t, files, at }) {
    await (await syncedFile(files, at('file'), 'abcdef')).close()
    const file = await files.open(at('file'), 'update')
    t.equal(await file.writeAt(bytesOf('XY'), 2), 2)
    t.equal(await textIn(file), 'abXYef')
    t.equal(await file.writeAt(bytesOf('end'), 8), 3)
    t.equal(await textIn(file), 'abXYef..end')
    t.equal(await file.writeAt(new Uint8Array(0), 50), 0)
    t.equal(file.size(), 11)
    await file.close()
  },

  async 'reads are short at the end and empty past it'({ t, files, at }) {
    const file = await syncedFile(files, at('file'), 'abcdef')
    const into = new Uint8Array(4)
    t.equal(await file.read(into, 4), 2)
    t.equal(textOf(into), 'ef..')
    t.equal(await file.read(into, 6), 0)
    t.equal(await file.read(into, 1000), 0)
    t.equal(await file.read(new Uint8Array(0), 0), 0)
    await file.close()
  },

  async 'a handle refuses what its mode does not allow'({ t, files, at }) {
    const created = await syncedFile(files, at('file'), 'abc')
    const append = await files.open(at('file'), 'append')
    const read = await files.open(at('file'), 'read')
    const update = await files.open(at('file'), 'update')
    await t.rejects(created.writeAt(bytesOf('x'), 0), { code: 'EBADF' })
    await t.rejects(append.writeAt(bytesOf('x'), 0), { code: 'EBADF' })
    await t.rejects(read.append(bytesOf('x')), { code: 'EBADF' })
    await t.rejects(read.writeAt(bytesOf('x'), 0), { code: 'EBADF' })
    await t.rejects(update.append(bytesOf('x')), { code: 'EBADF' })
    await read.syncData()
    for (const file of [created, append, read, update]) {
      t.equal(await textIn(file), 'abc')
      await file.close()
    }
  },

  async 'close lets the calls under way finish and refuses later ones'({ t, files, at }) {
    const file = await files.open(at('file'), 'create')
    const underWay = [file.append(bytesOf('a')), file.append(bytesOf('b')), file.append(bytesOf('c'))]
    const synced = file.syncData()
    const closed = file.close()
    await t.rejects(file.append(bytesOf('d')), { code: 'EBADF' })
    await t.rejects(file.read(new Uint8Array(1), 0), { code: 'EBADF' })
    await t.rejects(file.syncData(), { code: 'EBADF' })
    await t.rejects(file.close(), { code: 'EBADF' })
    t.throws(() => file.size(), { code: 'EBADF' })
    t.same(await Promise.all(underWay), [1, 1, 1])
    await synced
    await closed
    const again = await files.open(at('file'), 'read')
    t.equal(again.size(), 3)
    await again.close()
  },

  async 'a removed or replaced file lives on in its handles'({ t, files, at }) {
    const removed = await syncedFile(files, at('removed'), 'removed')
    const replaced = await syncedFile(files, at('replaced'), 'replaced')
    const moved = await syncedFile(files, at('moved'), 'moved')
    await files.remove(at('removed'))
    await files.rename(at('moved'), at('replaced'))
    await files.syncFolder(at(''))
    t.same(await files.list(at('')), ['replaced'])
    t.same(
      [await textIn(removed), await textIn(replaced), await textIn(moved)],
      ['removed', 'replaced', 'moved']
    )
    const opened = await files.open(at('replaced'), 'read')
    t.equal(await textIn(opened), 'moved')
    for (const file of [removed, replaced, moved, opened]) await file.close()
  },

  async 'folders are made with those above, and list sorted names'({ t, files, at }) {
    await files.makeFolder(at('a/b/c'))
    await files.makeFolder(at('a/b'))
    for (const name of ['10', '9', 'B', 'a']) await (await files.open(at(`a/b/${name}`), 'create')).close()
    t.same(await files.list(at('a/b')), ['10', '9', 'B', 'a', 'c'])
    t.same(await files.list(at('a/b/c')), [])
  },

  async 'errors carry the errno code'({ t, files, at }) {
    await (await syncedFile(files, at('file'), 'abc')).close()
    await files.makeFolder(at('folder/full'))
    await t.rejects(files.open(at('none'), 'append'), { code: 'ENOENT', syscall: 'open', path: at('none') })
    await t.rejects(files.open(at('none'), 'read'), { code: 'ENOENT', errno: -2 })
    await t.rejects(files.open(at('none/file'), 'create'), { code: 'ENOENT' })
    await t.rejects(files.open(at('file/file'), 'create'), { code: 'ENOTDIR' })
    await t.rejects(files.open(at('file'), 'create'), { code: 'EEXIST' })
    await t.rejects(files.open(at('folder'), 'create'), { code: 'EEXIST' })
    for (const mode of ['append', 'read', 'update'] as const)
      await t.rejects(files.open(at('folder'), mode), { code: 'EISDIR' })
    await t.rejects(files.list(at('none')), { code: 'ENOENT' })
    await t.rejects(files.list(at('file')), { code: 'ENOTDIR' })
    await t.rejects(files.rename(at('none'), at('other')), { code: 'ENOENT' })
    await t.rejects(files.rename(at('file'), at('folder')), { code: 'EISDIR' })
    await t.rejects(files.rename(at('folder'), at('file')), { code: 'ENOTDIR' })
    await t.rejects(files.rename(at('folder'), at('folder/full/inside')), { code: 'EINVAL' })
    await t.rejects(files.rename(at('folder/full'), at('folder')), { code: 'ENOTEMPTY' })
    await files.makeFolder(at('empty'))
    await t.rejects(files.rename(at('empty'), at('folder')), { code: 'ENOTEMPTY' })
    await files.rename(at('folder'), at('empty'))
    t.same(await files.list(at('empty')), ['full'])
    await t.rejects(files.remove(at('empty')), { code: 'EISDIR' })
    await t.rejects(files.remove(at('none')), { code: 'ENOENT' })
    await t.rejects(files.syncFolder(at('none')), { code: 'ENOENT' })
    await t.rejects(files.syncFolder(at('file')), { code: 'ENOTDIR' })
    await t.rejects(files.makeFolder(at('file')), { code: 'EEXIST' })
    await t.rejects(files.makeFolder(at('file/folder')), { code: 'ENOTDIR' })
  }
}

for (const [promise, keeps] of Object.entries(promises)) {
  t.test(`memory: ${promise}`, async (t) => {
    await keeps({ t, files: new MemoryFileSystem(), at: (name) => `/${name}` })
  })

  t.test(`node: ${promise}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'bincard-files-'))
    t.teardown(() => rm(folder, { recursive: true }))
    await keeps({ t, files: new NodeFileSystem(), at: (name) => join(folder, name) })
  })

  t.test(`faulty, without a fault: ${promise}`, async (t) => {
    const files = new FaultyFileSystem(new MemoryFileSystem())
    await keeps({ t, files, at: (name) => `/${name}` })
    t.equal(files.surfaced, 0)
  })
}
