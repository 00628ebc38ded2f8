import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { commandLineProgram } from '../../processes/programs.ts'
import { Bench, COLUMNS } from './import-run.ts'

interface Exit {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command line as a process of its own; `onStart` may send it signals. */
async function bincard(
  args: readonly string[],
  onStart: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined
): Promise<Exit> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [commandLineProgram, ...args], { env: { PATH } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  onStart((signal) => child.kill(signal))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

t.test('each command tells how it is used', async (t) => {
  t.match(await bincard(['--help']), { code: 0, out: /serve.*\n.*worker.*\n.*import/ })
  t.match(await bincard(['serve', '--help']), { code: 0, out: /^Usage: bincard serve/ })
  t.match(await bincard(['import', '--help']), { code: 0, out: /^Usage: bincard import FILE/ })
})

t.test('what is no command is wrong usage', async (t) => {
  t.match(await bincard([]), { code: 2, err: /name a command/ })
  t.match(await bincard(['exports']), { code: 2, err: /there is no command "exports"/ })
  t.match(await bincard(['serve', '--port', '1']), { code: 2, err: /^bincard serve: .*--port/ })
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  t.test(`${signal} in the middle of an import, then the same command again`, async (t) => {
    const rows = Array.from({ length: 600 }, (_, row) => `S,k${row % 10},${row + 1}`)
    const bench = await Bench.open(t, { 'in.csv': `store,sku,quantity\n${rows.join('\n')}\n` })
    const args = ['import', bench.path('in.csv'), '--url', bench.url, ...COLUMNS, '--batch-size', '5']

    let kill: (signal: NodeJS.Signals) => void = () => undefined
    let sent = 0
    bench.server.onApplied = () => {
      sent += 1
      if (sent === 20) kill(signal)
    }
    const first = await bincard(args, (send) => {
      kill = send
    })
    if (signal === 'SIGKILL') t.equal(first.code, null)
    else {
      t.equal(first.code, 1)
      t.match(first.out, /^Stopped importing .*\nkind +applied/)
      t.match(first.err, /stopping once what was sent is answered\n/)
    }
    t.ok(bench.server.keys().length < 600, 'it was stopped before the end')
    bench.server.onApplied = () => undefined
    bench.server.forgetKeys()

    t.match(await bincard(args), { code: 0, out: /^Imported .*600 rows read/, err: '' })
    t.equal(bench.server.keys().length, 600)
    t.equal(new Set(bench.server.keys()).size, 600)
    for (const { events } of bench.server.records.values()) {
      const deltas = events.map(({ line }) => line.delta)
      t.strictSame(
        deltas,
        deltas.toSorted((a, b) => a - b)
      )
    }
  })
}
