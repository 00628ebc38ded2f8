import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { Test } from 'tap'
import { importCommand } from '../../../adapters/command-line/import/command.ts'
import type { Pace } from '../../../adapters/command-line/import/pace.ts'
import type { Summary } from '../../../adapters/command-line/import/summary.ts'
import { StockServer } from './stock-server.ts'

export const COLUMNS = ['--store', 'store', '--sku', 'sku', '--quantity', 'quantity']
export const KINDS = ['--kind', 'kind', '--kinds', 'sale=out,cancel=out,adjust=in,debt=none']

/** A clock that a wait puts forward at once. */
export class TestPace implements Pace {
  readonly waits: number[] = []
  /** Called when the import waits. */
  onWait: () => void = () => undefined
  #now = Date.parse('2026-01-15T09:30:00.000Z')

  now(): number {
    return this.#now
  }

  async wait(durationMs: number): Promise<void> {
    this.waits.push(durationMs)
    this.#now += durationMs
    this.onWait()
    await new Promise(setImmediate)
  }

  random(): number {
    return 0.5
  }
}

class Sink extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface Circumstances {
  readonly stdin?: string | Buffer | Readable
  readonly env?: Record<string, string>
  readonly stop?: AbortSignal
  /** Whether standard error is a terminal. */
  readonly isTerminal?: boolean
}

/** A folder with the input, a server and a clock, and imports run among them. */
export class Bench {
  readonly folder: string
  readonly server = new StockServer()
  readonly pace = new TestPace()
  url = ''

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(t: Test, files: Record<string, string | Buffer>): Promise<Bench> {
    const bench = new Bench(t.testdir(files))
    bench.url = await bench.server.listen()
    t.teardown(async () => {
      await bench.server.close()
    })
    return bench
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  summary(): Summary {
    return JSON.parse(this.read('summary.json')) as Summary
  }

  /** Imports `name` (`-` for standard input) into the server, the summary into summary.json. */
  async import(name: string, flags: readonly string[], circumstances: Circumstances = {}): Promise<Ended> {
    const file = name === '-' ? ['-', '--refused', this.path('import.refused.csv')] : [this.path(name)]
    const journal =
      name === '-' && !flags.includes('--no-journal') ? ['--journal', this.path('import.journal')] : []
    const output = ['--url', this.url, '--summary-json', this.path('summary.json')]
    return await run([...file, ...journal, ...output, ...flags], this.pace, circumstances)
  }
}

export async function run(
  args: readonly string[],
  pace: Pace,
  circumstances: Circumstances = {}
): Promise<Ended> {
  const { stdin } = circumstances
  const stdout = new Sink()
  const stderr = new Sink()
  const code = await importCommand(args, {
    stdin: stdin instanceof Readable ? stdin : Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr: Object.assign(stderr, { isTTY: circumstances.isTerminal ?? false, columns: 120 }),
    env: circumstances.env ?? {},
    pace,
    stop: circumstances.stop ?? new AbortController().signal
  })
  return { code, out: stdout.text, err: stderr.text }
}
