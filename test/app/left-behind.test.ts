import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import { stock } from '../adapters/ledger/asking.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'

t.test('a server ends with a line when its log has gone on without it', async (t) => {
  const dataFolder = t.testdir()
  const other = await openWalLedger({ dataFolder, segmentBytesMax: 1000 })
  await stock(other, { a: 1 })
  await other.writeSnapshot()
  await stock(other, { a: 1 })
  await other.writeSnapshot()
  const name = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.snapshot'))
    .sort()
    .at(-1)!
  const path = join(dataFolder, name)
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(path, bytes)

  const server = new ServerProcess({
    arguments: [serverProgram],
    environment: { ...serviceEnvironment(dataFolder), ROLE: 'api' }
  })
  t.teardown(() => server.end('SIGKILL'))
  const record = `${await server.ready}/api/inventory/stores/S1/inventory/a`
  t.match(server.output, /"level":40,.*"msg":"a snapshot of the ledger cannot be used"/)
  t.ok(server.output.includes(JSON.stringify(path)), 'the warning names the snapshot that is damaged')

  for (let round = 0; round < 20; round += 1) await stock(other, { a: 1 })
  await other.writeSnapshot()
  await stock(other, { a: 1 })
  // Only behind two good ones may the log before the damaged one go.
  await other.writeSnapshot()
  const { sequence } = other.health()
  t.ok((await other.retain(1, sequence)).removed.length > 2)
  t.equal((await fetch(record)).status, 503)
  t.equal(await server.exit(), 1)
  t.match(
    server.output,
    /\nBincard ends: [^\n]*\.wal was removed before this process came to read it[^\n]*\n/
  )
  await other.close()
})
