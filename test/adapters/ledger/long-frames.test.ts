import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Line } from '../../../domain/unit.ts'

const lineCount = 10_000
const dataFolder = '/var/bincard'

const lines = Array.from({ length: lineCount }, (_, index): Line => ({
  command: { type: 'adjust', storeId: 'S', sku: `sku-${index % 7000}`, delta: 1, reason: 'ä'.repeat(100) }
}))

t.test('a frame longer than what is read at once is read whole', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const writer = await openWalLedger({ dataFolder, fileSystem })
  const peer = await openWalLedger({ dataFolder, fileSystem })
  await writer.execute({ at: 1, atomic: false, lines: lines.slice(0, 3) })
  const outcome = await writer.execute({ at: 1, atomic: true, lines })
  t.equal(outcome.kind === 'answered' && outcome.answer.results.length, lineCount)
  await writer.execute({ at: 1, atomic: false, lines: lines.slice(0, 3) })

  t.equal((await peer.get('S', 'sku-6999', 1))?.qty, 1, 'by a peer that catches up')
  t.equal((await peer.get('S', 'sku-0', 1))?.qty, 4)
  await Promise.all([writer.close(), peer.close()])

  const reopened = await openWalLedger({ dataFolder, fileSystem })
  t.equal(reopened.health().sequence, lineCount + 6, 'by one who opens the log')
  const events = await reopened.read(lineCount, 10)
  t.strictSame(
    events.map(({ sequence }) => sequence),
    [0, 1, 2, 3, 4, 5, 6].map((step) => lineCount + step),
    'and by readers of the feed that begin in its middle'
  )
  await reopened.close()
})
