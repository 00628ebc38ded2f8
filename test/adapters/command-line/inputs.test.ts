import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { contentFacts } from '../../../adapters/command-line/import/content.ts'
import { linesOf } from '../../../adapters/command-line/import/lines.ts'
import { Bench, COLUMNS } from './import-run.ts'

const CSV =
  'store,sku,quantity\nA,85123A,1\nA,85123a,2\nA," padded ",3\nA,"say ""hi"", all\nof you",4\nÖ,日本,5\n'
// A quoted line break is a control character in a SKU, which the contract refuses.
const STOCK = { 'A/ padded ': 3, 'A/85123A': 1, 'A/85123a': 2, 'Ö/日本': 5 }

t.test('CSV plain, gzip by its first bytes, with CRLF, with a byte order mark: the same stock', async (t) => {
  const inputs: Record<string, Buffer> = {
    'plain.csv': Buffer.from(CSV),
    'packed.csv.gz': gzipSync(CSV),
    'packed.csv': gzipSync(CSV),
    'members.csv.gz': Buffer.concat([gzipSync(CSV.slice(0, 30)), gzipSync(CSV.slice(30))]),
    'crlf.csv': Buffer.from(CSV.replaceAll('\n', '\r\n')),
    'marked.csv': Buffer.from(`\ufeff${CSV}`),
    'open.csv': Buffer.from(CSV.trimEnd())
  }
  for (const [name, content] of Object.entries(inputs)) {
    const bench = await Bench.open(t, { [name]: content })
    t.equal((await bench.import(name, COLUMNS)).code, 0, name)
    t.strictSame(bench.server.quantities(), STOCK, name)
    t.strictSame(bench.summary().refused.byReason, { BAD_SKU: 1 }, name)
    t.match(bench.read(`${name}.refused.csv`), /^4,A,"say ""hi"", all\r?\nof you",4,BAD_SKU,/m)
    await bench.server.close()
  }
})

t.test('packed or not, content has one identity', async (t) => {
  const folder = t.testdir({ plain: CSV, packed: gzipSync(CSV) })
  const { signal } = new AbortController()
  const plain = await contentFacts(join(folder, 'plain'), signal)
  t.strictSame(await contentFacts(join(folder, 'packed'), signal), plain)
  t.equal(plain.lineBreaks, 6)
})

t.test('NDJSON: text and whole numbers as they stand, anything else is a bad row', async (t) => {
  const lines = [
    '{"s":"A","sku":"x","n":2}',
    '{"s":367,"sku":"\\u2028","n":"3"}',
    '',
    '{"s":"A","sku":"raw\u2028break","n":1}\r',
    '{"s":12345678901234567890,"sku":"x","n":1}',
    '{"s":true,"sku":"x","n":1}',
    '{"s":"A","n":1}',
    '["A","x",1]',
    '{"s":"A","sku":"\\ud800","n":1}',
    '{torn',
    '{"s":"A","sku":"y","n":1,"doc":null}'
  ]
  const bench = await Bench.open(t, { 'in.ndjson': lines.join('\n') })
  const flags = ['--store', 's', '--sku', 'sku', '--quantity', 'n', '--document', 'doc']
  t.equal((await bench.import('in.ndjson', flags)).code, 0)
  t.strictSame(bench.server.quantities(), { '367/\u2028': 3, 'A/raw\u2028break': 1, 'A/x': 2, 'A/y': 1 })
  t.strictSame(bench.summary().refused.byReason, { BAD_ROW: 4, BAD_SKU: 2 })
  const refused = bench.read('in.ndjson.refused.csv').split('\n')
  t.equal(refused[0], 'refused_row,json,refused_code,refused_message')
  t.ok(refused.includes('9,{torn,BAD_ROW,row 9 is not a JSON object'))
})

t.test('standard input streams, named by --name or --key-prefix, and can be fed again', async (t) => {
  const bench = await Bench.open(t, {})
  bench.server.fault = (request) => (request === 2 ? 'cut after' : undefined)
  const flags = [...COLUMNS, '--name', 'monday', '--batch-size', '2', '--concurrency', '1', '--retries', '0']
  t.equal((await bench.import('-', flags, { stdin: gzipSync(CSV) })).code, 1)
  bench.server.forgetKeys()
  t.equal((await bench.import('-', flags, { stdin: gzipSync(CSV) })).code, 0)
  t.strictSame(bench.server.quantities(), STOCK)
  t.equal(bench.server.keys().length, 4)
  t.match(bench.read('import.refused.csv'), /BAD_SKU/)
  t.match((await bench.import('-', flags, { stdin: CSV })).out, /^Already imported/)

  const other = await Bench.open(t, {})
  t.equal((await other.import('-', [...COLUMNS, '--key-prefix', 'till-7'], { stdin: CSV })).code, 0)
  t.strictSame(other.server.keys().toSorted(), ['till-7-1', 'till-7-2', 'till-7-3', 'till-7-5'])
})

t.test('a stream is not read ahead of what the server takes', async (t) => {
  const bench = await Bench.open(t, {})
  const padding = 'p'.repeat(2000)
  let produced = 0
  let mostAhead = 0
  function* lines(): Generator<Buffer> {
    yield Buffer.from('sku,padding\n')
    for (; produced < 4000; produced += 1) yield Buffer.from(`k${produced % 5},${padding}\n`)
  }
  bench.server.onApplied = () => {
    mostAhead = Math.max(mostAhead, produced - bench.server.keys().length)
  }
  const flags = [
    '--sku',
    'sku',
    '--store-value',
    'S',
    '--quantity-value',
    '1',
    '--name',
    'n',
    '--batch-size',
    '50'
  ]
  t.equal(
    (await bench.import('-', [...flags, '--concurrency', '2'], { stdin: Readable.from(lines()) })).code,
    0
  )
  t.equal(bench.server.keys().length, 4000)
  t.ok(mostAhead < 2000, `${mostAhead} rows ahead of the server`)
})

t.test('input that cannot be rows stops the import, and says why', async (t) => {
  const table: [string, Buffer, RegExp, number][] = [
    ['none.csv', Buffer.from(''), /the input is empty/, 1],
    ['latin.csv', Buffer.from('store,sku,quantity\nA,caf\xe9,1\n', 'latin1'), /is not UTF-8 text/, 1],
    ['cut.csv', Buffer.from('store,sku,quantity\nA,\u20ac').subarray(0, -1), /is not UTF-8 text/, 1],
    ['torn.csv.gz', gzipSync(CSV).subarray(0, 40), /cannot read .*torn\.csv\.gz: unexpected end of file/, 1],
    [
      'quote.csv',
      Buffer.from('store,sku,quantity\nA,x,1\nA,"x"y,1\n'),
      /the input is not CSV: .* at line 3/,
      1
    ],
    ['open.csv', Buffer.from('store,sku,quantity\nA,"x,1\n'), /the input is not CSV: .* at line 2/, 1],
    [
      'lacks.csv',
      Buffer.from('store,SKU,quantity\n'),
      /no column "sku"; the input has "store", "SKU", "quantity"/,
      2
    ],
    ['twice.csv', Buffer.from('store,sku,sku,quantity\n'), /column "sku" is there twice/, 2]
  ]
  for (const [name, content, message, expected] of table) {
    const bench = await Bench.open(t, { [name]: content })
    const { code, err } = await bench.import(name, COLUMNS)
    t.equal(code, expected, name)
    t.match(err, message, name)
    t.equal(err.split('\n').length, 2, 'one line')
    await bench.server.close()
  }
})

t.test('a header alone is an import of nothing', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': 'store,sku,quantity\n' })
  t.equal((await bench.import('in.csv', COLUMNS)).code, 0)
  t.match(bench.summary(), { rowsRead: 0, state: 'completed' })
})

t.test('a file that cannot be read', async (t) => {
  const bench = await Bench.open(t, { folder: {} as never })
  t.match(await bench.import('no.csv', COLUMNS), { code: 1, err: /cannot read .*no\.csv: ENOENT/ })
  t.match(await bench.import('folder', [...COLUMNS, '--format', 'csv']), { code: 1, err: /it is a folder/ })
})

t.test('a named pipe is a stream, too', { skip: process.platform === 'win32' }, async (t) => {
  const bench = await Bench.open(t, {})
  execFileSync('mkfifo', [bench.path('pipe.csv')])
  t.match(await bench.import('pipe.csv', COLUMNS), { code: 2, err: /cannot be read twice needs --name/ })
  const written = writeFile(bench.path('pipe.csv'), CSV)
  t.equal((await bench.import('pipe.csv', [...COLUMNS, '--name', 'pipe'])).code, 0)
  await written
  t.strictSame(bench.server.quantities(), STOCK)
})

t.test('a file that changes while it is imported is not said to be complete', async (t) => {
  const padding = 'p'.repeat(2000)
  const rows = Array.from({ length: 2000 }, (_, row) => `A,k${row % 9},1,${padding}`).join('\n')
  const bench = await Bench.open(t, { 'in.csv': `store,sku,quantity,padding\n${rows}\n` })
  let changed = false
  bench.server.onApplied = () => {
    if (!changed) appendFileSync(bench.path('in.csv'), 'A,late,1,\n')
    changed = true
  }
  const { code, err } = await bench.import('in.csv', [...COLUMNS, '--batch-size', '10', '--concurrency', '1'])
  t.equal(code, 1)
  t.match(err, /in\.csv changed while it was imported/)
  t.notMatch(readFileSync(bench.path('in.csv.journal.ndjson'), 'utf8'), /"completed"/)
})

t.test('lines end at a line feed and nowhere else', async (t) => {
  const lines = []
  for await (const line of linesOf(Readable.from(['a\u2028b', '\nc\r', '\n\n', 'd']), 10)) lines.push(line)
  t.strictSame(lines, [
    { text: 'a\u2028b', ended: true },
    { text: 'c\r', ended: true },
    { text: '', ended: true },
    { text: 'd', ended: false }
  ])
  await t.rejects(async () => {
    for await (const line of linesOf(Readable.from(['123456', '78901']), 10)) t.fail(line.text)
  }, /longer than 10/)
})
