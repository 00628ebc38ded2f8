import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Bench, COLUMNS, KINDS } from './import-run.ts'
import type { Fault } from './stock-server.ts'

/** Sales that run out now and then, with returns and receipts behind them that would let a refused row through. */
function rows(): string {
  const lines = ['store,sku,quantity,kind,id']
  for (let row = 1; row <= 40; row += 1) {
    const kind = row % 5 === 1 ? 'adjust' : 'sale'
    const quantity = kind === 'adjust' ? 6 : 1 + (row % 4)
    lines.push(`S${row % 2},k${row % 3},${quantity},${kind},id-${row}`)
  }
  lines.push('S0,k0,none,sale,id-41')
  return `${lines.join('\n')}\n`
}

const FLAGS = [...COLUMNS, ...KINDS, '--batch-size', '4', '--concurrency', '3', '--retries', '0']

async function undisturbed(t: Test, flags: readonly string[] = FLAGS) {
  const bench = await Bench.open(t, { 'in.csv': rows() })
  await bench.import('in.csv', flags)
  return {
    quantities: bench.server.quantities(),
    requests: bench.server.requests.length,
    refused: sorted(bench.read('in.csv.refused.csv')),
    summary: bench.summary()
  }
}

/** Refused rows by their numbers; why is left out, since the reason of a lost answer is another. */
function sorted(refused: string): string[] {
  return refused
    .split('\n')
    .map((line) => line.split(',').slice(0, 6).join(','))
    .toSorted()
}

function isOnce(keys: readonly (string | undefined)[]): boolean {
  return new Set(keys).size === keys.length
}

for (const keys of [[], ['--key', 'id']]) {
  const title = keys.length === 0 ? 'keys of the file' : 'keys of a column'
  t.test(
    `cut off at every batch, after the server forgot its keys: as if never disturbed, ${title}`,
    async (t) => {
      const flags = [...FLAGS, ...keys]
      const expected = await undisturbed(t, flags)
      for (const fault of ['cut before', 'cut after'] as const) {
        for (let at = 1; at <= expected.requests; at += 1) {
          const bench = await Bench.open(t, { 'in.csv': rows() })
          bench.server.fault = (request): Fault | undefined => (request === at ? fault : undefined)
          const first = await bench.import('in.csv', flags)
          bench.server.forgetKeys()
          // The second run has other batches: what is in doubt must be found whatever is sent together.
          const second = await bench.import('in.csv', [...flags, '--batch-size', '3', '--concurrency', '2'])
          const { durationMs, rowsPerSecond, answeredEarlier, replayed, refused, ...summary } =
            bench.summary()
          t.strictSame(
            {
              codes: [first.code, second.code],
              quantities: bench.server.quantities(),
              once: isOnce(bench.server.keys()),
              refused: sorted(bench.read('in.csv.refused.csv')),
              units: refused.unitsByKind,
              applied: summary.applied,
              rows: summary.rowsRead
            },
            {
              codes: [1, 0],
              quantities: expected.quantities,
              once: true,
              refused: expected.refused,
              units: expected.summary.refused.unitsByKind,
              applied: expected.summary.applied,
              rows: 41
            },
            `${fault} request ${at}`
          )
          t.match(first.err, /given up: .* cannot be reached .*; the same command goes on from here\n$/)
          if (fault === 'cut before') t.equal(replayed, 0)
          await bench.server.close()
        }
      }
    }
  )
}

t.test('stopped by a signal: what is under way is answered, the rest is for the next run', async (t) => {
  const expected = await undisturbed(t)
  for (let at = 1; at <= expected.requests; at += 3) {
    const bench = await Bench.open(t, { 'in.csv': rows() })
    const stop = new AbortController()
    let applied = 0
    bench.server.onApplied = () => {
      applied += 1
      if (applied === at) stop.abort()
    }
    const first = await bench.import('in.csv', FLAGS, { stop: stop.signal })
    const sentAtFirst = bench.server.requests.length
    if (at < expected.requests - 3) {
      t.equal(first.code, 1)
      t.match(first.out, /^Stopped importing/)
      t.ok(sentAtFirst < expected.requests)
    }
    bench.server.forgetKeys()
    t.equal((await bench.import('in.csv', FLAGS)).code, 0)
    t.strictSame(bench.server.quantities(), expected.quantities)
    t.strictSame(sorted(bench.read('in.csv.refused.csv')), expected.refused)
    t.ok(isOnce(bench.server.keys()))
    t.equal(bench.server.historyRequests, 0, 'nothing was in doubt')
    await bench.server.close()
  }
})

t.test('a completed import says so, changes nothing, and shows its summary again', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': rows() })
  const first = await bench.import('in.csv', FLAGS)
  const { requests } = bench.server
  const sent = requests.length
  const summary = bench.summary()
  const journal = bench.read('in.csv.journal.ndjson')
  bench.server.forgetKeys()
  const second = await bench.import('in.csv', FLAGS)
  t.equal(second.code, 0)
  t.equal(requests.length, sent)
  t.equal(second.out, `Already imported, nothing was sent.\n${first.out}`)
  t.strictSame(bench.summary(), summary)
  t.equal(bench.read('in.csv.journal.ndjson'), journal)

  const third = await bench.import('in.csv', [...FLAGS, '--restart'])
  t.equal(third.code, 0)
  t.equal(requests.length, sent * 2, '--restart begins anew')
  t.ok(isOnce(bench.server.keys()), 'under keys of its own')
})

t.test('a journal of another import is refused, and says what is another', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': rows() })
  await bench.import('in.csv', FLAGS)
  const sent = bench.server.requests.length

  const otherMapping = await bench.import('in.csv', [...FLAGS, '--document', 'id'])
  t.equal(otherMapping.code, 1)
  t.match(
    otherMapping.err,
    /is of another import: --document was null and is "id"; name another file with --journal/
  )

  writeFileSync(bench.path('in.csv'), `${rows()}S0,k0,1,adjust,id-42\n`)
  const otherContent = await bench.import('in.csv', FLAGS)
  t.equal(otherContent.code, 1)
  t.match(otherContent.err, /is of another import: the content of the input is another/)
  t.equal(bench.server.requests.length, sent)
})

const oneLane = [...FLAGS, '--concurrency', '1']

for (const last of ['answer', 'intent'] as const) {
  t.test(`a journal torn anywhere in its last line, an ${last}, is gone on with`, async (t) => {
    const expected = await undisturbed(t, oneLane)
    for (let cutOff = 1, length = Infinity; cutOff < length; cutOff += 5) {
      const bench = await Bench.open(t, { 'in.csv': rows() })
      const stop = new AbortController()
      if (last === 'intent') bench.server.fault = (request) => (request === 5 ? 'cut before' : undefined)
      else bench.server.onApplied = () => (bench.server.requests.length === 5 ? stop.abort() : undefined)
      await bench.import('in.csv', oneLane, { stop: stop.signal })

      const journal = bench.read('in.csv.journal.ndjson')
      const lastLine = journal.slice(journal.lastIndexOf('\n', journal.length - 2) + 1)
      length = lastLine.length
      t.ok(lastLine.includes(last === 'intent' ? '"intent":' : '"answered":'))
      truncateSync(bench.path('in.csv.journal.ndjson'), journal.length - cutOff)
      bench.server.forgetKeys()
      t.equal((await bench.import('in.csv', oneLane)).code, 0)
      t.strictSame(bench.server.quantities(), expected.quantities, `torn by ${cutOff} bytes`)
      t.ok(isOnce(bench.server.keys()))
      t.strictSame(sorted(bench.read('in.csv.refused.csv')), expected.refused)
      await bench.server.close()
    }
  })
}

t.test('a journal that is damaged before its end, or none at all, is not gone on with', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': rows() })
  await bench.import('in.csv', FLAGS)
  const sent = bench.server.requests.length
  const path = bench.path('in.csv.journal.ndjson')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.map((line, index) => (index === 2 ? line.slice(0, -3) : line)).join('\n'))
  const damaged = await bench.import('in.csv', FLAGS)
  t.equal(damaged.code, 1)
  t.match(damaged.err, /in\.csv\.journal\.ndjson is damaged at line 3/)

  writeFileSync(path, 'something else\nof two lines\n')
  t.match((await bench.import('in.csv', FLAGS)).err, /damaged at line 1|not a journal/)
  writeFileSync(path, 'a,b\n')
  const foreign = await bench.import('in.csv', FLAGS)
  t.equal(foreign.code, 1)
  t.match(foreign.err, /is not a journal of bincard import/)
  t.equal(readFileSync(path, 'utf8'), 'a,b\n', 'what is no journal is not written over')
  t.equal(bench.server.requests.length, sent)
})

t.test('a header torn before anything was sent is begun again', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': rows(), 'in.csv.journal.ndjson': '{"journal":"bincard imp' })
  t.equal((await bench.import('in.csv', FLAGS)).code, 0)
  t.match(bench.read('in.csv.journal.ndjson'), /^\{"journal":"bincard import 1",/)
})

t.test('refused rows behind the last answer are written once, a lost refused file is said', async (t) => {
  const expected = await undisturbed(t)
  const bench = await Bench.open(t, { 'in.csv': rows() })
  bench.server.fault = (request): Fault | undefined => (request === 6 ? 'cut before' : undefined)
  await bench.import('in.csv', FLAGS)
  appendFileSync(bench.path('in.csv.refused.csv'), '39,torn,li')
  t.equal((await bench.import('in.csv', FLAGS)).err, '')
  t.strictSame(sorted(bench.read('in.csv.refused.csv')), expected.refused)

  const other = await Bench.open(t, { 'in.csv': rows() })
  other.server.fault = (request): Fault | undefined => (request === 6 ? 'cut before' : undefined)
  await other.import('in.csv', FLAGS)
  rmSync(other.path('in.csv.refused.csv'))
  const { code, err } = await other.import('in.csv', FLAGS)
  t.equal(code, 0)
  t.match(err, /in\.csv\.refused\.csv is not as the earlier run left it/)
  t.match(other.read('in.csv.refused.csv'), /^refused_row,store/)
})

t.test('without a journal the keys of file and row still protect a second run', async (t) => {
  const expected = await undisturbed(t)
  const bench = await Bench.open(t, { 'in.csv': rows() })
  bench.server.fault = (request): Fault | undefined => (request === 6 ? 'cut after' : undefined)
  const flags = [...FLAGS, '--no-journal']
  t.equal((await bench.import('in.csv', flags)).code, 1)
  t.equal((await bench.import('in.csv', flags)).code, 0)
  t.strictSame(bench.server.quantities(), expected.quantities)
  t.ok(isOnce(bench.server.keys()))
  t.throws(() => bench.read('in.csv.journal.ndjson'))
})

t.test('a dry run does not touch what an import that has begun keeps', async (t) => {
  const bench = await Bench.open(t, { 'in.csv': rows() })
  await bench.import('in.csv', FLAGS)
  const refused = bench.read('in.csv.refused.csv')
  const { code, err } = await bench.import('in.csv', [...FLAGS, '--dry-run'])
  t.equal(code, 2)
  t.match(err, /has begun: give the dry run a --refused file of its own/)
  t.equal(bench.read('in.csv.refused.csv'), refused)
})
