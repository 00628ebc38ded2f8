import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Command } from '../../../domain/commands.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { ownFolder } from '../../processes/own-folder.ts'
import { commandLineProgram } from '../../processes/programs.ts'

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const at = Date.parse('2026-01-15T09:30:00.000Z')
const future = Date.now() + 3_600_000

function bincard(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { PATH = '' } = process.env
    execFile(
      process.execPath,
      [commandLineProgram, 'export', ...args],
      { env: { PATH, ...environment }, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err })
    )
  })
}

/** A ledger of several stores, with all that makes a line unlike the others. */
async function filled(t: Test, segmentBytesMax?: number): Promise<string> {
  const dataFolder = ownFolder(t)
  const ledger = await openWalLedger({
    dataFolder,
    ...(segmentBytesMax !== undefined && { segmentBytesMax })
  })
  const execute = (command: Command) => ledger.execute({ at, atomic: false, lines: [{ command }] })
  const product = { type: 'create_product', storeId: 'central', sku: 'MUG' } as const
  await execute({ type: 'adjust', storeId: 'S2', sku: '85123a', delta: 7 })
  await execute({ type: 'adjust', storeId: 'S2', sku: '85123A', delta: 3, reason: 'found, "again"' })
  await execute({ type: 'adjust', storeId: 'S1', sku: 'a,"b"', delta: 5 })
  await execute({ type: 'reserve', storeId: 'S1', sku: 'a,"b"', qty: 2, reservationId: 'r-1' })
  await execute({
    type: 'reserve',
    storeId: 'S1',
    sku: 'a,"b"',
    qty: 1,
    reservationId: 'r-2',
    expiresAt: at + 1
  })
  await execute({
    type: 'reserve',
    storeId: 'S2',
    sku: '85123a',
    qty: 1,
    reservationId: 'r-3',
    expiresAt: future
  })
  await execute({ ...product, name: 'Mug, red', price: 4.5, available: 20 })
  await execute({ ...product, sku: 'GONE', name: 'Gone', price: 1, available: 0 })
  await execute({ type: 'delete_product', storeId: 'central', sku: 'GONE' })
  await ledger.close()
  return dataFolder
}

const time = '2026-01-15T09:30:00.000Z'
const stock = [
  { storeId: 'S1', sku: 'a,"b"', qty: 3, reserved: 2, version: 3, updatedAt: time },
  { storeId: 'S2', sku: '85123A', qty: 3, reserved: 0, version: 1, updatedAt: time },
  { storeId: 'S2', sku: '85123a', qty: 6, reserved: 1, version: 2, updatedAt: time },
  {
    storeId: 'central',
    sku: 'MUG',
    qty: 20,
    reserved: 0,
    version: 1,
    updatedAt: time,
    name: 'Mug, red',
    price: 4.5
  }
]

function lines(text: string): unknown[] {
  t.ok(text === '' || text.endsWith('\n'), 'whole lines')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
}

t.test('the stock of all stores, as CSV and as JSON', async (t) => {
  const folder = await filled(t)
  const asJson = await bincard(['stock', folder, '--format', 'ndjson'])
  t.match(asJson, { code: 0, err: '' })
  t.strictSame(lines(asJson.out), stock, 'without what was deleted, and what has expired is free')
  const asCsv = await bincard(['stock'], { DATA_DIR: folder })
  t.equal(asCsv.code, 0)
  const rows: unknown = parse(asCsv.out, { columns: true })
  t.strictSame(
    rows,
    stock.map(({ name = '', price = '', ...record }) => {
      const cells = Object.entries({ ...record, name, price }).map(([column, value]) => [
        column,
        String(value)
      ])
      return Object.fromEntries(cells) as Record<string, string>
    })
  )
})

t.test('without a folder it is that of the service', async (t) => {
  const folder = await filled(t)
  const { out } = await bincard(['stock', folder])
  t.equal((await bincard(['stock'], { LEDGER_URL: `file:${folder}` })).out, out)
  t.match(await bincard(['stock'], { LEDGER_URL: 'memory:' }), {
    code: 2,
    err: 'bincard export: LEDGER_URL is memory:, which is in no folder; name a FOLDER\n'
  })
  t.match(await bincard(['stock'], { LEDGER_URL: `file:${folder}`, DATA_DIR: '/elsewhere' }), {
    code: 2,
    err: /^bincard export: DATA_DIR is "\/elsewhere"; allowed is only the folder that LEDGER_URL names/
  })
})

t.test('the events are those of the feed, word for word, from any of them on', async (t) => {
  const folder = await filled(t, 500)
  t.ok(readdirSync(join(folder, 'log')).length > 2, 'in several segments')
  const server = await buildServer(loadConfiguration({ DATA_DIR: folder, ROLE: 'api', DATA_PATH: '' }))
  const { events } = (await server.inject('/v1/inventory/events?offset=1&limit=1000')).json<{
    events: unknown[]
  }>()
  const whileItRuns = await bincard(['events', folder])
  await server.close()
  t.match(whileItRuns, { code: 0, err: '' })
  t.strictSame(lines(whileItRuns.out), events)
  t.equal(whileItRuns.out, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const later = await bincard(['events', folder, '--from', '8'])
  t.strictSame(lines(later.out), events.slice(7))
  t.strictSame(await bincard(['events', folder, '--from', String(events.length + 1)]), {
    code: 0,
    out: '',
    err: ''
  })
})

t.test('what is kept after retention, and an error below it', async (t) => {
  const folder = ownFolder(t)
  const ledger = await openWalLedger({ dataFolder: folder, segmentBytesMax: 400 })
  for (let unit = 0; unit < 20; unit += 1) {
    await ledger.execute({
      at,
      atomic: false,
      lines: [{ command: { type: 'adjust', storeId: 'S', sku: 'K', delta: 1 } }]
    })
  }
  await ledger.writeSnapshot()
  await ledger.writeSnapshot()
  await ledger.retain(5, 20)
  const { oldestSequence } = ledger.health()
  await ledger.close()
  t.ok(oldestSequence > 1, `the oldest event is ${oldestSequence}`)
  const kept = lines((await bincard(['events', folder])).out) as { offset: number }[]
  t.strictSame([kept[0]?.offset, kept.at(-1)?.offset], [oldestSequence, 20])
  t.match(await bincard(['events', folder, '--from', '1']), {
    code: 1,
    out: '',
    err: new RegExp(
      `^bincard export: the events from 1 on are no longer kept: the oldest is ${oldestSequence}\n$`
    )
  })
})

t.test('whoever has read enough ends it without a word', async (t) => {
  const dataFolder = ownFolder(t)
  const ledger = await openWalLedger({ dataFolder })
  const reason = 'x'.repeat(500)
  const commands = Array.from({ length: 2000 }, (_, line) => ({ sku: `K${line}`, delta: 1, reason }))
  await ledger.execute({
    at,
    atomic: false,
    lines: commands.map((command) => ({ command: { type: 'adjust', storeId: 'S', ...command } }))
  })
  await ledger.close()
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [commandLineProgram, 'export', 'events', dataFolder], {
    env: { PATH }
  })
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  child.stdout.once('data', () => child.stdout.destroy())
  t.strictSame(await once(child, 'close'), [1, null])
  t.strictSame(errors, [])
})

t.test('what cannot be exported is one line and exit code 1, and nothing is made of it', async (t) => {
  const folder = ownFolder(t)
  t.match(await bincard(['stock', join(folder, 'none')]), {
    code: 1,
    out: '',
    err: /^bincard export: ENOENT.*\n$/
  })
  writeFileSync(join(folder, 'other'), '')
  t.match(await bincard(['stock', folder]), { code: 1, err: `bincard export: ${folder} holds no ledger\n` })
  t.strictSame(readdirSync(folder), ['other'])
  const damaged = await filled(t)
  const log = join(damaged, 'log', '0000000000000001.wal')
  const rotten = readFileSync(log, 'utf8').replace('"delta":7', '"delta":8')
  writeFileSync(log, rotten)
  t.match(await bincard(['events', damaged]), {
    code: 1,
    out: '',
    err: `bincard export: damage in ${log} at byte `
  })
  t.equal(readFileSync(log, 'utf8'), rotten)
})

t.test('wrong usage is said in one line and exits with 2', async (t) => {
  const table: [readonly string[], RegExp][] = [
    [[], /name what to export, stock or events/],
    [['records'], /name what to export, stock or events, got "records"/],
    [['stock', 'a', 'b'], /one FOLDER, also got "b"/],
    [['stock', '--format', 'xml'], /--format is csv or ndjson, got "xml"/],
    [['stock', '--from', '1'], /--from goes with events only/],
    [['events', '--format', 'csv'], /--format goes with stock only/],
    [['events', '--from', '0'], /--from is the offset of an event, from 1 on, got "0"/],
    [['events', '--from', '1e3'], /--from is the offset of an event, from 1 on, got "1e3"/]
  ]
  for (const [args, problem] of table) {
    const { exportCommand } = await import('../../../adapters/command-line/export/command.ts')
    const said = t.capture(process.stderr, 'write', () => true)
    const code = await exportCommand(args)
    said.restore()
    const [{ args: [line] } = { args: [] }] = said() as { args: unknown[] }[]
    t.equal(code, 2)
    t.match(line, problem)
  }
})
