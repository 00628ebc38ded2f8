import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { FaultyFileSystem, type Fault } from '../../../adapters/file-system/faulty-file-system.ts'
import type { FileSystem, OpenFile, OpenMode } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { bytesOf, textIn, textOf } from './text.ts'

function faultyMemory(...plan: Fault[]): { memory: MemoryFileSystem; files: FaultyFileSystem } {
  const memory = new MemoryFileSystem()
  return { memory, files: new FaultyFileSystem(memory, plan) }
}

/** Uses every operation of the port once or more. */
async function everyOperation(files: FileSystem): Promise<void> {
  await files.makeFolder('/folder')
  const file = await files.open('/folder/log', 'create')
  await file.append(bytesOf('one'))
  await file.syncData()
  await files.syncFolder('/folder')
  await file.close()
  await files.rename('/folder/log', '/folder/other')
  const other = await files.open('/folder/other', 'update')
  await other.writeAt(bytesOf('two'), 0)
  await other.read(new Uint8Array(3), 0)
  other.size()
  await other.close()
  await files.list('/folder')
  await files.remove('/folder/other')
}

const allOperations =
  'makeFolder open append syncData syncFolder close rename open writeAt read size close list remove'.split(
    ' '
  )

t.test('without a plan it counts, logs and passes on', async (t) => {
  const { files } = faultyMemory()
  await everyOperation(files)
  t.equal(files.calls, 14)
  t.same(files.log, allOperations)
  t.equal(files.surfaced, 0)
  t.equal(files.crashed, false)
})

t.test('the loop: fail the i-th call until a run surfaces none', async (t) => {
  let failed = 0
  for (let nth = 1; ; nth += 1) {
    const { files } = faultyMemory({ kind: 'fail', nth, code: 'EIO' })
    const [run] = await Promise.allSettled([everyOperation(files)])
    if (files.surfaced === 0) break
    failed += 1
    t.match(run, { status: 'rejected', reason: { code: 'EIO' } }, String(allOperations[nth - 1]))
    t.equal(files.calls, nth)
    t.equal(files.surfaced, 1)
  }
  t.equal(failed, allOperations.length)
})

t.test('the loop: crash at the i-th call, carried out or not', async (t) => {
  for (const carriedOut of [false, true]) {
    for (let nth = 1; nth <= allOperations.length; nth += 1) {
      const { memory, files } = faultyMemory({ kind: 'crash', nth, carriedOut })
      await t.rejects(everyOperation(files), { code: 'ECRASHED' }, `${allOperations[nth - 1]} ${carriedOut}`)
      const before = memory.paths()
      await t.rejects(files.makeFolder('/later'), { code: 'ECRASHED' })
      await t.rejects(files.open('/later', 'create'), { code: 'ECRASHED' })
      t.same(memory.paths(), before)
      t.equal(files.surfaced, 1)
      t.equal(files.crashed, true)
    }
  }
})

t.test('a failed call is not carried out, for as many times as planned', async (t) => {
  const { memory, files } = faultyMemory({
    kind: 'fail',
    operation: 'append',
    nth: 2,
    times: 2,
    code: 'ENOSPC'
  })
  const file = await files.open('/log', 'create')
  await file.append(bytesOf('one '))
  await t.rejects(file.append(bytesOf('two ')), { code: 'ENOSPC', syscall: 'append', path: '/log' })
  await t.rejects(file.append(bytesOf('three ')), { code: 'ENOSPC' })
  await file.append(bytesOf('four'))
  t.equal(textOf(memory.readAll('/log')), 'one four')
  t.equal(files.surfaced, 2)
})

t.test('the plan can be replaced while running', async (t) => {
  const { files } = faultyMemory()
  const file = await files.open('/log', 'create')
  files.plan = [{ kind: 'fail', nth: files.calls + 1, times: Infinity, code: 'EROFS' }]
  await t.rejects(file.append(bytesOf('one')), { code: 'EROFS' })
  t.throws(() => file.size(), { code: 'EROFS' })
  files.plan = []
  t.equal(await file.append(bytesOf('two')), 3)
  t.same(files.plan, [])
})

t.test('a failed sync in memory loses the bytes', async (t) => {
  const { memory, files } = faultyMemory({ kind: 'fail', operation: 'syncData', nth: 1, code: 'EIO' })
  const file = await files.open('/log', 'create')
  await files.syncFolder('/')
  await file.append(bytesOf('lost'))
  await t.rejects(file.syncData(), { code: 'EIO' })
  await file.syncData()
  t.equal(await textIn(file), 'lost')
  t.equal(textOf(memory.crash().readAll('/log')), '')
  t.equal(files.surfaced, 1)
})

t.test('a torn append writes so many bytes and resolves short or rejects', async (t) => {
  const { memory, files } = faultyMemory(
    { kind: 'tear', nth: 1, bytes: 2 },
    { kind: 'tear', nth: 2, bytes: 1, code: 'EIO' },
    { kind: 'tear', nth: 3, bytes: 9, code: 'EIO' },
    { kind: 'tear', nth: 4, bytes: 3 }
  )
  const file = await files.open('/log', 'create')
  t.equal(await file.append(bytesOf('abc')), 2)
  await t.rejects(file.append(bytesOf('def')), { code: 'EIO' })
  await t.rejects(file.append(bytesOf('ghi')), { code: 'EIO' })
  t.equal(files.surfaced, 3)
  t.equal(await file.append(bytesOf('jkl')), 3, 'nothing to tear')
  t.equal(files.surfaced, 3)
  t.equal(textOf(memory.readAll('/log')), 'abdghijkl')
})

t.test('calls under way at the crash are not answered, with a value or with an error', async (t) => {
  const { memory, files } = faultyMemory({ kind: 'crash', operation: 'syncData', nth: 1, carriedOut: true })
  const file = await files.open('/log', 'create')
  const answers = await Promise.allSettled([
    file.append(bytesOf('abc')),
    files.remove('/none'),
    files.open('/new', 'create'),
    file.syncData()
  ])
  for (const answer of answers) t.match(answer, { status: 'rejected', reason: { code: 'ECRASHED' } })
  t.throws(() => file.size(), { code: 'ECRASHED' })
  await t.rejects(file.close(), { code: 'ECRASHED' })
  t.same(memory.paths(), ['/log', '/new'])
})

t.test('a crash at size is a crash', async (t) => {
  const { files } = faultyMemory({ kind: 'crash', operation: 'size', nth: 1, carriedOut: true })
  const file = await files.open('/log', 'create')
  t.throws(() => file.size(), { code: 'ECRASHED' })
  t.equal(files.crashed, true)
})

/** The descriptors of this process that are open on a path. */
async function openPaths(path: string): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((name) =>
    readlink(`/proc/self/fd/${name}`).catch(() => '')
  )
  return (await Promise.all(links)).filter((link) => link === path)
}

const linuxOnly = { skip: existsSync('/proc/self/fd') ? false : 'needs /proc' }

t.test(
  'on the real file system: a torn write at the crash, and no descriptor left behind',
  linuxOnly,
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'bincard-faulty-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const files = new FaultyFileSystem(new NodeFileSystem(), [
      { kind: 'fail', operation: 'syncData', nth: 1, code: 'EIO' },
      { kind: 'fail', operation: 'close', nth: 1, code: 'EIO' },
      { kind: 'crash', operation: 'append', nth: 2, carriedOut: true, bytes: 5 }
    ])
    const path = join(folder, 'log')
    const file = await files.open(path, 'create')
    const other = await files.open(path, 'read')
    await file.append(bytesOf('one '))
    await t.rejects(file.syncData(), { code: 'EIO' })
    t.equal((await openPaths(path)).length, 2)
    await t.rejects(other.close(), { code: 'EIO' })
    t.equal((await openPaths(path)).length, 1, 'a close that fails lets go all the same')
    await t.rejects(file.append(bytesOf('two three')), { code: 'ECRASHED' })
    t.equal(await readFile(path, 'utf8'), 'one two t')
    t.same(await openPaths(path), [])
  }
)

t.test('on the real file system: a file opened after the crash is closed again', linuxOnly, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bincard-faulty-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const { promise: crashed, release } = gate()
  class SlowToOpen extends NodeFileSystem {
    override async open(path: string, mode: OpenMode): Promise<OpenFile> {
      await crashed
      return super.open(path, mode)
    }
  }
  const files = new FaultyFileSystem(new SlowToOpen(), [{ kind: 'crash', nth: 2, carriedOut: false }])
  const opened = Promise.allSettled([files.open(join(folder, 'log'), 'create')])
  await t.rejects(files.list(folder), { code: 'ECRASHED' })
  release()
  t.match(await opened, [{ status: 'rejected', reason: { code: 'ECRASHED' } }])
  t.same(await readdir(folder), ['log'])
  t.same(await openPaths(join(folder, 'log')), [])
})

function gate(): { promise: Promise<void>; release: () => void } {
  let release = () => {}
  const promise = new Promise<void>((resolve) => (release = resolve))
  return { promise, release: () => release() }
}
