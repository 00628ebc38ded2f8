import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { reasonOf, UsageError } from './failures.ts'
import { mappingFrom, type MappingOptions } from './mapping-options.ts'
import { checkPathsDiffer, outputPaths, type OutputPaths } from './output-paths.ts'
import { integer, prefix, secret, serviceUrl, text } from './option-values.ts'

export type Format = 'csv' | 'ndjson'

export interface ImportOptions extends OutputPaths {
  /** A path, or `-` for standard input. */
  readonly file: string
  readonly format: Format
  readonly mapping: MappingOptions
  /** Servers on one ledger, each once; none in a dry run that was given none. */
  readonly urls: readonly URL[]
  readonly apiKey: string | undefined
  readonly keyPrefix: string | undefined
  readonly name: string | undefined
  readonly atomic: boolean
  readonly batchSize: number
  readonly concurrency: number
  readonly retries: number
  readonly restart: boolean
  readonly dryRun: boolean
  readonly failOnRefusal: boolean
}

const FLAGS = {
  format: { type: 'string' },
  store: { type: 'string' },
  'store-value': { type: 'string' },
  sku: { type: 'string' },
  quantity: { type: 'string' },
  'quantity-value': { type: 'string' },
  kind: { type: 'string' },
  kinds: { type: 'string' },
  document: { type: 'string' },
  reason: { type: 'string' },
  key: { type: 'string' },
  'key-prefix': { type: 'string' },
  name: { type: 'string' },
  atomic: { type: 'boolean' },
  'group-by': { type: 'string' },
  url: { type: 'string', multiple: true },
  'batch-size': { type: 'string' },
  concurrency: { type: 'string' },
  retries: { type: 'string' },
  refused: { type: 'string' },
  journal: { type: 'string' },
  'no-journal': { type: 'boolean' },
  restart: { type: 'boolean' },
  'summary-json': { type: 'string' },
  'dry-run': { type: 'boolean' },
  'fail-on-refusal': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' }
} as const

export type Flags = ReturnType<typeof parseFlags>['values']

function parseFlags(args: readonly string[]) {
  return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, strict: true })
}

function parse(args: readonly string[]): ReturnType<typeof parseFlags> {
  try {
    return parseFlags(args)
  } catch (error) {
    throw new UsageError(reasonOf(error).split('\n')[0] ?? '')
  }
}

/**
 * What the command line asks for, every flag checked. Throws a UsageError of one line that names the flag,
 * what came and what is allowed; a key's value is never part of it.
 */
export function importOptions(args: readonly string[], env: NodeJS.ProcessEnv): ImportOptions | 'help' {
  const { values: flags, positionals } = parse(args)
  if (flags.help === true) return 'help'
  const [file, ...more] = positionals
  if (file === undefined || file === '')
    throw new UsageError('name the FILE to import, or - for standard input')
  if (more.length > 0) throw new UsageError(`one FILE at a time, also got ${JSON.stringify(more[0])}`)

  const dryRun = flags['dry-run'] ?? false
  const atomic = flags.atomic ?? false
  const options: ImportOptions = {
    file,
    format: formatOf(file, flags.format),
    mapping: mappingFrom(flags),
    urls: urls(flags, dryRun),
    apiKey: apiKey(env),
    ...keySource(flags, file),
    atomic,
    batchSize: integer('--batch-size', flags['batch-size'], 500, 1, 10_000),
    concurrency: integer('--concurrency', flags.concurrency, 4, 1, 64),
    retries: integer('--retries', flags.retries, 10, 0, 1000),
    ...outputPaths(file, flags),
    restart: flags.restart ?? false,
    dryRun,
    failOnRefusal: flags['fail-on-refusal'] ?? false
  }
  if (atomic !== (options.mapping.group !== undefined)) {
    throw new UsageError('--atomic and --group-by COLUMN go together')
  }
  if (options.restart && options.journalPath === undefined) {
    throw new UsageError('--restart forgets the journal, so it cannot go with --no-journal')
  }
  checkPathsDiffer(options)
  return options
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['csv', 'csv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson']
])

function formatOf(file: string, flag: string | undefined): Format {
  if (flag === 'csv' || flag === 'ndjson') return flag
  if (flag !== undefined) throw new UsageError(`--format is csv or ndjson, got ${JSON.stringify(flag)}`)
  if (file === '-') return 'csv'
  const extension = basename(file).toLowerCase().replace(/\.gz$/, '').split('.').pop() ?? ''
  const format = FORMATS.get(extension)
  if (format === undefined) {
    throw new UsageError(
      `cannot tell the format of ${JSON.stringify(file)}: give --format csv or --format ndjson`
    )
  }
  return format
}

function urls(flags: Flags, dryRun: boolean): URL[] {
  if (flags.url !== undefined) return flags.url.map((url) => serviceUrl('--url', url)).map(checkOnce)
  if (dryRun) return []
  throw new UsageError('--url says where the service is, for example --url http://127.0.0.1:3000')
}

function checkOnce(url: URL, index: number, all: readonly URL[]): URL {
  if (all.findIndex(({ href }) => href === url.href) === index) return url
  throw new UsageError(`--url names ${url.href} twice`)
}

/** Not a flag: command lines are visible to everybody on the machine, and kept in histories. */
function apiKey({ BINCARD_API_KEY }: NodeJS.ProcessEnv): string | undefined {
  if (BINCARD_API_KEY === undefined || BINCARD_API_KEY === '') return undefined
  return secret('BINCARD_API_KEY', BINCARD_API_KEY)
}

function keySource(flags: Flags, file: string): Pick<ImportOptions, 'keyPrefix' | 'name'> {
  const given = (['key', 'key-prefix', 'name'] as const).filter((flag) => flags[flag] !== undefined)
  if (given.length > 1) throw new UsageError(`--${given[0] ?? ''} and --${given[1] ?? ''} cannot go together`)
  if (given.length === 0 && file === '-') {
    throw new UsageError('standard input needs --name, --key-prefix or --key to make the keys of its rows')
  }
  return { keyPrefix: prefix('--key-prefix', flags['key-prefix']), name: text('--name', flags.name) }
}
