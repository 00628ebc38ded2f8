import t from 'tap'
import { IMPORT_USAGE } from '../../../adapters/command-line/import/usage.ts'
import { COLUMNS, run, TestPace } from './import-run.ts'

const GIVEN = ['in.csv', '--url', 'http://127.0.0.1:3000', ...COLUMNS]

t.test('wrong usage is said in one line and exits with 2', async (t) => {
  const table: [readonly string[], RegExp][] = [
    [[], /name the FILE to import/],
    [[...GIVEN, 'more.csv'], /one FILE at a time, also got "more.csv"/],
    [['in.csv', ...COLUMNS], /--url says where the service is/],
    [
      [...GIVEN, '--url', '127.0.0.1:3000'],
      /--url must be an http or https address, got "127\.0\.0\.1:3000"/
    ],
    [[...GIVEN, '--url', 'ftp://x'], /--url must be an http or https address/],
    [[...GIVEN, '--url', 'http://me:secret@x'], /--url must not carry a user or password/],
    [[...GIVEN, '--url', 'http://x/?a=b'], /--url must not have a query/],
    [[...GIVEN, '--url', 'http://127.0.0.1:3000/'], /--url names http:\/\/127\.0\.0\.1:3000\/ twice/],
    [[...GIVEN, '--frobnicate'], /Unknown option '--frobnicate'/],
    [[...GIVEN, '--batch-size', '0'], /--batch-size is a whole number from 1 to 10000, got "0"/],
    [[...GIVEN, '--batch-size', '10001'], /--batch-size is a whole number from 1 to 10000/],
    [[...GIVEN, '--batch-size', '1e3'], /--batch-size is a whole number from 1 to 10000, got "1e3"/],
    [[...GIVEN, '--concurrency', '65'], /--concurrency is a whole number from 1 to 64/],
    [[...GIVEN, '--retries', 'ten'], /--retries is a whole number from 0 to 1000, got "ten"/],
    [[...GIVEN, '--format', 'xml'], /--format is csv or ndjson, got "xml"/],
    [['in.txt', ...GIVEN.slice(1)], /cannot tell the format of "in.txt"/],
    [['-', ...GIVEN.slice(1)], /standard input needs --name, --key-prefix or --key/],
    [[...GIVEN, '--store-value', 'S'], /--store and --store-value cannot go together/],
    [[...GIVEN, '--quantity-value', '2'], /--quantity and --quantity-value cannot go together/],
    [
      ['in.csv', '--url', 'http://x', '--sku', 's', '--store', 't'],
      /give --quantity COLUMN or --quantity-value/
    ],
    [
      ['in.csv', '--url', 'http://x', '--sku', 's', '--quantity', 'q'],
      /give --store COLUMN or --store-value/
    ],
    [['in.csv', '--url', 'http://x', '--store', 's', '--quantity', 'q'], /--sku COLUMN says/],
    [
      ['in.csv', '--url', 'http://x', '--sku', 's', '--store-value', '', '--quantity', 'q'],
      /--store-value is empty/
    ],
    [
      ['in.csv', '--url', 'http://x', '--sku', 's', '--store', 't', '--quantity-value', '0'],
      /--quantity-value is a whole number other than 0, got "0"/
    ],
    [[...GIVEN, '--kind', 'kind'], /--kind COLUMN and --kinds .* go together/],
    [[...GIVEN, '--kinds', 'sale=out'], /--kind COLUMN and --kinds .* go together/],
    [
      [...GIVEN, '--kind', 'k', '--kinds', 'sale=away'],
      /--kinds is a list of KIND=in\|out\|none, got "sale=away"/
    ],
    [[...GIVEN, '--kind', 'k', '--kinds', 'a=in,a=out'], /--kinds names "a" twice/],
    [[...GIVEN, '--reason', 'x'.repeat(513)], /--reason is longer than 512 characters/],
    [[...GIVEN, '--key', 'k', '--name', 'n'], /--key and --name cannot go together/],
    [[...GIVEN, '--key-prefix', 'a b'], /--key-prefix must be 1 to 200 visible ASCII/],
    [[...GIVEN, '--atomic'], /--atomic and --group-by COLUMN go together/],
    [[...GIVEN, '--group-by', 'invoice'], /--atomic and --group-by COLUMN go together/],
    [[...GIVEN, '--no-journal', '--journal', 'j'], /--journal and --no-journal cannot go together/],
    [[...GIVEN, '--no-journal', '--restart'], /--restart forgets the journal/],
    [[...GIVEN, '--refused', './in.csv'], /--refused and FILE are the same file/],
    [[...GIVEN, '--journal', 'in.csv.refused.csv'], /--journal and --refused are the same file/],
    [[...GIVEN, '--summary-json', 'in.csv'], /--summary-json and FILE are the same file/],
    [[...GIVEN, '--sku', ''], /--sku must not be empty/]
  ]
  for (const [args, message] of table) {
    const { code, out, err } = await run(args, new TestPace())
    t.equal(code, 2, args.join(' '))
    t.equal(out, '')
    t.match(err, message)
    t.match(err, /^bincard import: [^\n]+\n$/)
  }
})

t.test('an API key that no header can hold is refused without being shown', async (t) => {
  for (const key of ['top secret', 'top\nsecret', 'secret-é', `secret${'x'.repeat(251)}`]) {
    const { code, err } = await run(GIVEN, new TestPace(), { env: { BINCARD_API_KEY: key } })
    t.equal(code, 2)
    t.match(err, /BINCARD_API_KEY must be 1 to 256 visible ASCII characters/)
    t.notMatch(err, /secret/)
  }
})

t.test('an API key is no option, and is not shown where somebody gives it as one', async (t) => {
  for (const flags of [['--api-key', 'secret'], ['--api-key=secret']]) {
    const { code, err } = await run([...GIVEN, ...flags], new TestPace())
    t.equal(code, 2)
    t.match(err, /Unknown option '--api-key'/)
    t.notMatch(err, /secret/)
  }
  t.match(IMPORT_USAGE, /BINCARD_API_KEY/)
})

t.test('--help', async (t) => {
  for (const flag of ['--help', '-h']) {
    t.strictSame(await run([flag], new TestPace()), { code: 0, out: IMPORT_USAGE, err: '' })
  }
})
