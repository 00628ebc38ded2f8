import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger, type WalLedgerOptions } from '../../../adapters/wal/open-wal-ledger.ts'
import { testLedger } from './ledger-contract.ts'
import { ReopeningLedger } from './reopening-ledger.ts'

type Where = (t: Test) => Promise<WalLedgerOptions>

const inMemory: Where = async () => ({ dataFolder: '/data', fileSystem: new MemoryFileSystem() })

const onDisk: Where = async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-ledger-'))
  // Last in, first out: the ledger is closed before its folder goes.
  t.teardown(() => rm(dataFolder, { recursive: true, force: true }))
  return { dataFolder }
}

const tinySegments = { segmentBytesMax: 1 }

for (const [name, where] of Object.entries({ 'in memory': inMemory, 'on disk': onDisk })) {
  testLedger(t, `the embedded ledger ${name}`, async (t) => openWalLedger(await where(t)))

  testLedger(t, `the embedded ledger ${name}, a new segment with each write`, async (t) =>
    openWalLedger({ ...(await where(t)), ...tinySegments })
  )

  testLedger(t, `the embedded ledger ${name}, opened anew for each call`, async (t) => {
    const options = await where(t)
    return ReopeningLedger.create(() => openWalLedger({ ...options, segmentBytesMax: 1000 }))
  })
}
