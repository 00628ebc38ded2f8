// A disk that is full, fails to sync, or rots.
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { MemoryOpenFile } from '../../../adapters/file-system/memory-open-file.ts'
import { bytesOf, syncedFile, textIn, textOf } from './text.ts'

async function logOnDisk(text: string): Promise<{ files: MemoryFileSystem; file: MemoryOpenFile }> {
  const files = new MemoryFileSystem()
  const file = await syncedFile(files, '/log', text)
  await files.syncFolder('/')
  if (!(file instanceof MemoryOpenFile)) throw new TypeError('not a file in memory')
  return { files, file }
}

function foundAfterCrash(files: MemoryFileSystem): string {
  return textOf(files.crash().readAll('/log'))
}

t.test('after a failed sync the bytes stay readable, and a second sync does not save them', async (t) => {
  const { files, file } = await logOnDisk('good ')
  await file.append(bytesOf('lost '))
  await t.rejects(file.failSync('EIO'), { code: 'EIO', syscall: 'fdatasync' })
  t.equal(await textIn(file), 'good lost ')
  await file.syncData()
  t.equal(foundAfterCrash(files), 'good ')
  for (let seed = 0; seed < 20; seed += 1)
    t.equal(textOf(files.crash({ seed, keepUnsynced: 'some' }).readAll('/log')), 'good ')
  t.equal(textOf(files.crash({ keepUnsynced: 'all' }).readAll('/log')), 'good lost ', 'kill -9 spares them')
})

t.test('what is appended and synced after a failed sync is durable behind a hole', async (t) => {
  const { files, file } = await logOnDisk('good ')
  await file.append(bytesOf('lost '))
  await t.rejects(file.failSync('EIO'), { code: 'EIO' })
  await file.append(bytesOf('later'))
  await file.syncData()
  t.equal(await textIn(file), 'good lost later')
  t.equal(foundAfterCrash(files), 'good .....later')
})

t.test('bytes written again after a failed sync can be synced', async (t) => {
  const { files, file } = await logOnDisk('good ')
  await file.append(bytesOf('lost '))
  await t.rejects(file.failSync('EIO'), { code: 'EIO' })
  const update = await files.open('/log', 'update')
  await update.writeAt(bytesOf('lost '), 5)
  await update.syncData()
  t.equal(foundAfterCrash(files), 'good lost ')
})

t.test('every handle open at a failed sync is told of it once, later ones never', async (t) => {
  const { files, file } = await logOnDisk('good ')
  const other = await files.open('/log', 'append')
  await other.append(bytesOf('lost '))
  await t.rejects(file.failSync('ENOSPC'), { code: 'ENOSPC' })
  const later = await files.open('/log', 'append')
  await later.syncData()
  await t.rejects(other.syncData(), { code: 'ENOSPC' })
  await other.syncData()
  await file.syncData()
  t.equal(foundAfterCrash(files), 'good ')
})

t.test('a full disk takes what fits, then refuses', async (t) => {
  const files = new MemoryFileSystem({ capacityBytes: 10 })
  const other = await syncedFile(files, '/other', '123')
  const file = await syncedFile(files, '/log', 'abcd')
  t.equal(await file.append(bytesOf('efghi')), 3)
  await t.rejects(file.append(bytesOf('hi')), { code: 'ENOSPC', syscall: 'write' })
  t.equal(await file.append(new Uint8Array(0)), 0)
  const update = await files.open('/log', 'update')
  t.equal(await update.writeAt(bytesOf('FGH'), 5), 2, 'what is there may be overwritten')
  await t.rejects(update.writeAt(bytesOf('x'), 7), { code: 'ENOSPC', syscall: 'pwrite' })
  t.equal(await textIn(file), 'abcdeFG')
  t.equal(files.crash().capacityBytes, 10)

  await files.remove('/other')
  t.equal(await file.append(bytesOf('hijk')), 3, 'a removed file makes room')
  files.capacityBytes = 100
  t.equal(await file.append(bytesOf('klm')), 3)
  t.equal(await other.append(bytesOf('45')), 2)
})

t.test('a flipped byte is flipped on the disk, in memory, and on its way between', async (t) => {
  const { files, file } = await logOnDisk('abc')
  await file.append(bytesOf('def'))
  files.flipByte('/log', 1, 0x20)
  files.flipByte('/log', 4, 0x20)
  t.equal(await textIn(file), 'aBcdEf')
  t.equal(foundAfterCrash(files), 'aBc')
  await file.syncData()
  t.equal(foundAfterCrash(files), 'aBcdEf')
  files.flipByte('/log', 0)
  t.equal(files.readAll('/log')[0], 0x61 ^ 0xff)
  t.throws(() => files.flipByte('/log', 6), RangeError)
})

t.test('a cut is a cut on the disk, in memory, and on its way between', async (t) => {
  const { files, file } = await logOnDisk('abc')
  await file.append(bytesOf('def'))
  files.truncate('/log', 4)
  t.equal(await textIn(file), 'abcd')
  t.equal(foundAfterCrash(files), 'abc')
  await file.append(bytesOf('X'))
  await file.syncData()
  t.equal(foundAfterCrash(files), 'abcdX')
  files.truncate('/log', 2)
  t.equal(foundAfterCrash(files), 'ab')
  t.throws(() => files.truncate('/log', 3), RangeError)
  await (await files.open('/log', 'update')).writeAt(bytesOf('z'), 4)
  t.equal(await textIn(file), 'ab..z', 'what was cut off does not come back in a gap')
})

t.test('files and folders can vanish from the disk', async (t) => {
  const { files } = await logOnDisk('abc')
  await files.makeFolder('/folder/deep')
  await syncedFile(files, '/folder/deep/file', 'text')
  t.same(files.paths(), ['/folder/deep/file', '/log'])
  files.removeFolder('/folder')
  t.same(files.paths(), ['/log'])
  files.removeFile('/log')
  await files.syncFolder('/')
  t.same(files.paths(), [])
  t.same(files.crash().paths(), [])
  t.throws(() => files.removeFile('/log'), { code: 'ENOENT' })
  t.throws(() => files.removeFolder('/folder'), { code: 'ENOENT' })
  t.throws(() => files.readAll('/'), { code: 'EISDIR' })
})
