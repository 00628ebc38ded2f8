import t from 'tap'
import { Bench, COLUMNS, KINDS } from './import-run.ts'
import type { Fault } from './stock-server.ts'

const OPENING =
  'store,sku,quantity,kind,invoice\nA,x,10,adjust,open\nA,y,10,adjust,open\nB,x,10,adjust,open\n'
const ATOMIC = [...COLUMNS, ...KINDS, '--atomic', '--group-by', 'invoice']

t.test('a group is applied whole at the place of its first row, wherever its rows stand', async (t) => {
  const rows = [
    'A,x,4,sale,I1',
    'A,y,6,sale,I2',
    'A,x,9,sale,I3',
    'B,x,1,sale,I3',
    'A,x,6,sale,I1', // the second run of I1, before I3 all the same
    'A,y,4,sale,I4',
    'A,y,1,sale,I5',
    'B,x,2,debt,I6',
    'A,x,-3,cancel,I7',
    'A,x,3,sale,I8',
    'B,x,10,sale,I8',
    'B,x,1,debt,I8'
  ]
  const bench = await Bench.open(t, { 'in.csv': `${OPENING}${rows.join('\n')}\n` })
  const { code, out } = await bench.import('in.csv', [
    ...ATOMIC,
    '--document',
    'invoice',
    '--concurrency',
    '8'
  ])
  t.equal(code, 0)
  t.strictSame(bench.server.quantities(), { 'A/x': 0, 'A/y': 0, 'B/x': 0 })
  t.strictSame(bench.server.deltas('A', 'x'), [10, -4, -6, 3, -3])
  t.match(bench.summary(), {
    rowsRead: 15,
    applied: { rows: 12, byKind: { adjust: 3, sale: 6, cancel: 1, debt: 2 } },
    refused: { rows: 3, byKind: { sale: 3 }, unitsByKind: { sale: 11 } },
    groups: { applied: 7, refused: 2 }
  })
  t.match(out, /groups: 7 applied, 2 refused/)
  t.strictSame(bench.read('in.csv.refused.csv').split('\n').toSorted().slice(1), [
    '10,A,y,1,sale,I5,INSUFFICIENT_STOCK_ERROR,"Line 0: y: 0 there, 1 wanted"',
    '6,A,x,9,sale,I3,INSUFFICIENT_STOCK_ERROR,"Line 0: x: 0 there, 9 wanted"',
    '7,B,x,1,sale,I3,INSUFFICIENT_STOCK_ERROR,"Line 0: x: 0 there, 9 wanted"',
    'refused_row,store,sku,quantity,kind,invoice,refused_code,refused_message'
  ])
  const first = bench.server.requests.find(({ body }) => body.movements[0]?.reference === 'I1')
  t.match(first, { body: { atomic: true }, headers: { 'idempotency-key': /^imp-[0-9a-f]{16}-4$/ } })
  t.ok(first?.body.movements.every((movement) => movement.idempotencyKey === undefined))
  t.notOk(bench.server.requests.some(({ body }) => body.movements.some((line) => line.reference === 'I6')))
})

t.test('a bad row refuses its group, a row without a group is refused alone', async (t) => {
  const rows = ['A,x,1,sale,I1', 'A,y,0,sale,I1', 'A,x,1,sale,', 'A,y,1,sale,I2', 'A,y,1,sale,']
  const bench = await Bench.open(t, { 'in.csv': `${OPENING}${rows.join('\n')}\n` })
  t.equal((await bench.import('in.csv', ATOMIC)).code, 0)
  t.strictSame(bench.server.quantities(), { 'A/x': 10, 'A/y': 9, 'B/x': 10 })
  t.strictSame(bench.summary().refused.byReason, { GROUP_REFUSED: 1, ZERO_QUANTITY: 1, NO_GROUP: 2 })
  t.match(
    bench.read('in.csv.refused.csv'),
    /4,A,x,1,sale,I1,GROUP_REFUSED,row 5 of the same group cannot be applied/
  )
})

t.test('a group that no request can hold is refused here', async (t) => {
  const rows = Array.from({ length: 10_001 }, () => 'A,x,1,sale,I1')
  const bench = await Bench.open(t, { 'in.csv': `${OPENING}${rows.join('\n')}\n` })
  t.equal((await bench.import('in.csv', ATOMIC)).code, 0)
  t.strictSame(bench.summary().refused.byReason, { GROUP_TOO_LARGE: 10_001 })
  t.equal(bench.server.requests.length, 1)
})

t.test('groups that share nothing run side by side, those that share wait for each other', async (t) => {
  const rows = Array.from(
    { length: 400 },
    (_, row) => `S${row % 40},k,${row + 1},adjust,I${Math.floor(row / 2)}`
  )
  const bench = await Bench.open(t, { 'in.csv': `store,sku,quantity,kind,invoice\n${rows.join('\n')}\n` })
  bench.server.holdFirstForSecond()
  t.equal((await bench.import('in.csv', [...ATOMIC, '--concurrency', '5'])).code, 0)
  t.ok(bench.server.mostConcurrent > 1 && bench.server.mostConcurrent <= 5)
  for (let store = 0; store < 40; store += 1) {
    const deltas = bench.server.deltas(`S${store}`, 'k')
    t.equal(deltas.length, 10)
    t.strictSame(
      deltas,
      deltas.toSorted((a, b) => a - b)
    )
  }
})

t.test('cut off at every group, after the server forgot its keys: as if never disturbed', async (t) => {
  const rows = Array.from({ length: 24 }, (_, row) => {
    const kind = row % 7 === 3 ? 'cancel,' : 'sale,'
    const quantity = row % 7 === 3 ? -6 : 1 + (row % 5)
    return `${row % 3 === 0 ? 'A,x' : row % 3 === 1 ? 'A,y' : 'B,x'},${quantity},${kind}I${row % 10}`
  })
  const files = { 'in.csv': `${OPENING}${rows.join('\n')}\n` }
  const flags = [...ATOMIC, '--retries', '0', '--concurrency', '3']
  const calm = await Bench.open(t, files)
  await calm.import('in.csv', flags)
  const { refused, applied, groups } = calm.summary()
  t.ok(refused.rows > 0 && applied.rows > 3)
  for (const fault of ['cut before', 'cut after'] as const) {
    for (let at = 1; at <= calm.server.requests.length; at += 1) {
      const bench = await Bench.open(t, files)
      bench.server.fault = (request): Fault | undefined => (request === at ? fault : undefined)
      t.equal((await bench.import('in.csv', flags)).code, 1)
      bench.server.forgetKeys()
      t.equal((await bench.import('in.csv', flags)).code, 0)
      t.strictSame(bench.server.quantities(), calm.server.quantities(), `${fault} group ${at}`)
      t.strictSame(bench.server.keys().toSorted(), calm.server.keys().toSorted())
      t.match(bench.summary(), { refused: { byKind: refused.byKind }, applied, groups })
      const lines = (from: Bench): string[] => from.read('in.csv.refused.csv').split('\n').toSorted()
      t.strictSame(lines(bench), lines(calm))
      await bench.server.close()
    }
  }
})

t.test('an answer that speaks of the request and not of a line stops the import', async (t) => {
  for (const status of [400, 401, 404, 413]) {
    const bench = await Bench.open(t, { 'in.csv': OPENING })
    bench.server.fault = () => ({ status, message: 'not here' })
    const { code, err } = await bench.import('in.csv', ATOMIC)
    t.equal(code, 1)
    t.match(err, new RegExp(`the server answered ${status}: not here`))
    await bench.server.close()
  }
})

t.test('a signal leaves the groups that were not sent for the next run', async (t) => {
  const rows = Array.from({ length: 30 }, (_, row) => `A,x,${row + 1},adjust,J${row}`)
  const bench = await Bench.open(t, { 'in.csv': `${OPENING}${rows.join('\n')}\n` })
  const stop = new AbortController()
  bench.server.onApplied = () => {
    if (bench.server.requests.length === 5) stop.abort()
  }
  t.equal((await bench.import('in.csv', ATOMIC, { stop: stop.signal })).code, 1)
  t.ok(bench.server.requests.length < 12)
  t.equal((await bench.import('in.csv', ATOMIC)).code, 0)
  t.equal(bench.server.deltas('A', 'x').length, 31)
  t.equal(bench.server.requests.length, 31)
})
