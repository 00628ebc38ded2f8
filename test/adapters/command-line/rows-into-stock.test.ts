import t from 'tap'
import { Bench, COLUMNS, KINDS } from './import-run.ts'

const SALES = `store,sku,quantity,kind,doc
A,x,10,adjust,D1
A,x,4,sale,D2
A,x,7,sale,D3
A,x,-2,cancel,D4
A,x,7,sale,D5
B,x,3,debt,D6
B,y,1,sale,D7
B,x,5,adjust,
A,BANK CHARGES,2,adjust,D9
A,bank charges,3,adjust,D9
`

t.test(
  'each kind does what it says, refused rows go to their file with the reason, and the summary adds up',
  async (t) => {
    const bench = await Bench.open(t, { 'sales.csv': SALES })
    const flags = [...COLUMNS, ...KINDS, '--document', 'doc', '--reason', 'replay', '--batch-size', '3']
    const { code, out } = await bench.import('sales.csv', flags)

    t.equal(code, 0)
    t.strictSame(bench.server.quantities(), { 'A/BANK CHARGES': 2, 'A/bank charges': 3, 'A/x': 1, 'B/x': 5 })
    t.strictSame(bench.server.deltas('A', 'x'), [10, -4, 2, -7])
    const [event] = bench.server.records.get('A\tx')?.events ?? []
    t.match(event, { key: /^imp-[0-9a-f]{16}-1$/, line: { reference: 'D1', reason: 'replay' } })
    t.notOk(
      'reference' in (bench.server.records.get('B\tx')?.events[0]?.line ?? {}),
      'an empty document is none'
    )
    t.equal(
      bench.read('sales.csv.refused.csv').split('\n').toSorted().join('\n'),
      [
        '',
        '3,A,x,7,sale,D3,INSUFFICIENT_STOCK_ERROR,"x: 6 there, 7 wanted"',
        '7,B,y,1,sale,D7,NOT_FOUND_ERROR,y is not there',
        'refused_row,store,sku,quantity,kind,doc,refused_code,refused_message'
      ].join('\n')
    )
    t.match(bench.summary(), {
      state: 'completed',
      rowsRead: 10,
      applied: { rows: 8, byKind: { adjust: 4, sale: 2, cancel: 1, debt: 1 } },
      refused: {
        rows: 2,
        byReason: { INSUFFICIENT_STOCK_ERROR: 1, NOT_FOUND_ERROR: 1 },
        byKind: { sale: 2 },
        unitsByKind: { sale: 8 }
      },
      groups: null,
      replayed: 0
    })
    t.match(out, /10 rows read/)
    t.match(out, /refused as NOT_FOUND_ERROR: 1 row\n/)
  }
)

t.test('--fail-on-refusal says so by the exit code, also when all was imported before', async (t) => {
  const bench = await Bench.open(t, { 'sales.csv': SALES })
  const flags = [...COLUMNS, ...KINDS, '--fail-on-refusal']
  t.equal((await bench.import('sales.csv', flags)).code, 1)
  t.equal((await bench.import('sales.csv', flags)).code, 1)
})

t.test('many rows over many lanes keep each record in the order of the file', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, row) => `S${row % 7},k${row % 91},${row + 1}`)
  const bench = await Bench.open(t, { 'in.csv': `store,sku,quantity\n${rows.join('\n')}\n` })
  bench.server.holdFirstForSecond()
  const { code } = await bench.import('in.csv', [...COLUMNS, '--batch-size', '10', '--concurrency', '8'])

  t.equal(code, 0)
  t.equal(bench.server.keys().length, 3000)
  t.ok(bench.server.mostConcurrent > 1, `${bench.server.mostConcurrent} requests side by side`)
  t.ok(bench.server.mostConcurrent <= 8)
  for (const { events } of bench.server.records.values()) {
    const deltas = events.map(({ line }) => line.delta)
    t.strictSame(
      deltas,
      deltas.toSorted((a, b) => a - b)
    )
  }
  t.ok(bench.server.requests.every(({ body }) => body.movements.length <= 10))
})

t.test('a request never exceeds 8 MiB, however many rows a batch may have', async (t) => {
  const document = 'd'.repeat(512)
  const rows = Array.from({ length: 20_000 }, () => `${'é'.repeat(128)},${document}`).join('\n')
  const bench = await Bench.open(t, { 'in.csv': `sku,doc\n${rows}\n` })
  const flags = ['--store-value', 'S', '--sku', 'sku', '--quantity-value', '1', '--document', 'doc']
  const { code } = await bench.import('in.csv', [
    ...flags,
    '--batch-size',
    '10000',
    '--reason',
    'r'.repeat(512)
  ])

  t.equal(code, 0)
  t.equal(bench.server.keys().length, 20_000)
  t.ok(bench.server.requests.length > 2)
})

t.test('rows that break the contract are refused here, each with its own reason', async (t) => {
  const long = 'x'.repeat(129)
  const rows = [
    'A,x,1,adjust,D',
    ',x,1,adjust,D',
    'A,,1,adjust,D',
    `A,${long},1,adjust,D`,
    'A,"x\ty",1,adjust,D',
    'A,x,0,adjust,D',
    'A,x, 1,adjust,D',
    'A,x,1.5,adjust,D',
    'A,x,9007199254740992,adjust,D',
    'A,x,1,gift,D',
    'A,x,1,constructor,D',
    'A,x,1',
    'A,x,1,adjust,D,more',
    `A,x,1,adjust,${'d'.repeat(513)}`,
    `A,${'😀'.repeat(128)},1,adjust,D`
  ]
  const bench = await Bench.open(t, { 'in.csv': `store,sku,quantity,kind,doc\n${rows.join('\n')}\n` })
  const { code } = await bench.import('in.csv', [...COLUMNS, ...KINDS, '--document', 'doc'])

  t.equal(code, 0)
  t.equal(bench.server.keys().length, 2)
  t.strictSame(bench.summary().refused.byReason, {
    BAD_STORE: 1,
    BAD_SKU: 3,
    ZERO_QUANTITY: 1,
    BAD_QUANTITY: 3,
    UNKNOWN_KIND: 2,
    BAD_ROW: 2,
    BAD_DOCUMENT: 1
  })
  const refused = bench.read('in.csv.refused.csv').split('\n')
  t.equal(refused[1], '2,,x,1,adjust,D,BAD_STORE,the store is empty')
  t.ok(refused.includes('8,A,x,1.5,adjust,D,BAD_QUANTITY,"the quantity ""1.5"" is not a whole number"'))
  t.ok(refused.includes('12,A,x,1,,,BAD_ROW,row 12 has 3 fields where the header has 5'))
  t.ok(refused.includes('13,A,x,1,adjust,"D,more",BAD_ROW,row 13 has 6 fields where the header has 5'))
})

t.test('--key takes the keys from a column', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': 'store,sku,quantity,id\nA,x,1,k-1\nA,x,2,k 2\nA,y,3,k-3\n' })
  t.equal((await bench.import('in.csv', [...COLUMNS, '--key', 'id'])).code, 0)
  t.strictSame(bench.server.keys().toSorted(), ['k-1', 'k-3'])
  t.strictSame(bench.summary().refused.byReason, { BAD_KEY: 1 })
})

t.test('--dry-run reads and checks all and contacts no server', async (t) => {
  const bench = await Bench.open(t, { 'sales.csv': `${SALES}A,x,zero,sale,D\n` })
  const { code, out } = await bench.import('sales.csv', [...COLUMNS, ...KINDS, '--dry-run', '--no-journal'])

  t.equal(code, 0)
  t.equal(bench.server.requests.length, 0)
  t.match(bench.summary(), {
    state: 'dry run',
    applied: { byKind: { adjust: 4, sale: 4, cancel: 1, debt: 1 } },
    refused: { byReason: { BAD_QUANTITY: 1 } },
    outlook: { pairs: 5, unitsIn: 22, unitsOut: 19 }
  })
  t.match(out, /would move 22 units in and 19 out, 5 pairs/)
  t.match(bench.read('sales.csv.refused.csv'), /\n11,A,x,zero,sale,D,BAD_QUANTITY,/)
})

t.test('a terminal sees a progress bar, anything else sees nothing of it', async (t) => {
  const bench = await Bench.open(t, { 'sales.csv': SALES })
  const flags = [...COLUMNS, ...KINDS]
  t.equal((await bench.import('sales.csv', flags)).err, '')
  const shown = await bench.import('sales.csv', [...flags, '--restart'], { isTerminal: true })
  t.match(shown.err, /100% \| 10\/10 rows/)
})
