import t from 'tap'
import type { FileSystem, OpenFile, OpenMode } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Line } from '../../../domain/unit.ts'

const dataFolder = '/var/bincard'

/** A file system that counts the reads of files that are opened for nothing else. */
function countingReads(fileSystem: FileSystem) {
  const counted = { reads: 0 }
  const open = async (path: string, mode: OpenMode): Promise<OpenFile> => {
    const file = await fileSystem.open(path, mode)
    if (mode !== 'read') return file
    const read = file.read.bind(file)
    file.read = (into, position) => {
      counted.reads += 1
      return read(into, position)
    }
    return file
  }
  const wrapped = new Proxy(fileSystem, {
    get: (target, name) => {
      const value: unknown = name === 'open' ? open : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  return { counted, wrapped }
}

function linesOf(count: number): Line[] {
  return Array.from({ length: count }, (_, index) => ({
    command: { type: 'adjust', storeId: 'S', sku: `sku-${index % 700}`, delta: 1 }
  }))
}

t.test('a page takes one read of the file, whatever frames its events are in', async (t) => {
  const { counted, wrapped } = countingReads(new MemoryFileSystem())
  const ledger = await openWalLedger({ dataFolder, fileSystem: wrapped })
  for (const line of linesOf(2000)) await ledger.execute({ at: 1, atomic: false, lines: [line] })
  for (let batch = 0; batch < 10; batch += 1) {
    await ledger.execute({ at: 1, atomic: false, lines: linesOf(200) })
  }
  for (const first of [1, 501, 1501, 2001, 2101, 3001]) {
    counted.reads = 0
    const events = await ledger.read(first, 1000)
    t.strictSame([events.length, events[0]?.sequence, events.at(-1)?.sequence], [1000, first, first + 999])
    t.equal(counted.reads, 1, `from ${first}`)
  }
  await ledger.close()
})

t.test('a long frame is read once for all of its pages', async (t) => {
  const { counted, wrapped } = countingReads(new MemoryFileSystem())
  const ledger = await openWalLedger({ dataFolder, fileSystem: wrapped })
  await ledger.execute({ at: 1, atomic: false, lines: linesOf(10) })
  await ledger.execute({ at: 1, atomic: true, lines: linesOf(10_000) })
  await ledger.execute({ at: 1, atomic: false, lines: linesOf(10) })
  counted.reads = 0
  for (let first = 11; first <= 10_010; first += 100) {
    const events = await ledger.read(first, 100)
    t.equal(events[99]?.sequence, first + 99)
  }
  t.ok(counted.reads <= 2, `${counted.reads} reads`)
  await ledger.close()
})
