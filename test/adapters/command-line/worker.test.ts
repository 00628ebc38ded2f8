import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { exportCommand } from '../../../adapters/command-line/export/command.ts'
import { rebuildCommand } from '../../../adapters/command-line/rebuild.ts'
import { verifyCommand } from '../../../adapters/command-line/verify.ts'
import { workerCommand } from '../../../adapters/command-line/worker.ts'
import { commandLineProgram } from '../../processes/programs.ts'
import { ownFolder } from '../../processes/own-folder.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

type Command = (args: readonly string[]) => Promise<number | undefined>

const commands: Readonly<Record<string, Command>> = {
  export: exportCommand,
  worker: workerCommand,
  verify: verifyCommand,
  rebuild: rebuildCommand
}

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { PATH = '' } = process.env
    execFile(
      process.execPath,
      [commandLineProgram, ...args],
      { env: { PATH, LOG_LEVEL: 'warn', ...environment } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    )
  })
}

interface Written {
  readonly args: readonly unknown[]
}

t.test('each command says how it is used, and what is wrong', async (t) => {
  /** Runs it in this process; it ends before it waits for anything. */
  const use = async (command: Command, args: readonly string[]): Promise<Ended> => {
    const streams = [process.stdout, process.stderr].map((stream) => t.capture(stream, 'write', () => true))
    const ended = command(args)
    const [stdout = '', stderr = ''] = streams.map((stream) => {
      stream.restore()
      return stream().reduce((text: string, { args }: Written) => text + String(args[0]), '')
    })
    return { code: (await ended) ?? 0, stdout, stderr }
  }
  for (const [name, command] of Object.entries(commands)) {
    t.match(await use(command, ['--help']), { code: 0, stdout: new RegExp(`^Usage: bincard ${name}`) })
    t.match(await use(command, ['--what']), { code: 2, stderr: new RegExp(`^bincard ${name}: `) })
  }
  for (const interval of ['99', '3600001', '1e3', '-5', 'x']) {
    const wrong = { code: 2, stderr: /INTERVAL is a whole number/ }
    t.match(await use(workerCommand, ['--', interval]), wrong)
  }
})

t.test('once, rebuild and verify', async (t) => {
  const folder = ownFolder(t)
  t.match(await run(['verify', join(folder, 'nothing')]), { code: 1, stderr: /ENOENT/ })
  t.match(await run(['worker', '--once'], { DATA_DIR: folder }), { code: 0, stdout: /^Applied 0 events/ })
  t.match(await run(['rebuild'], { DATA_DIR: folder }), { code: 0, stdout: /^Made the central model anew/ })
  t.match(await run(['verify'], { DATA_DIR: folder }), { code: 0, stdout: /: no difference\n$/ })
  t.match(await run(['worker', '--once'], { LEDGER_URL: 'memory:' }), {
    code: 1,
    stderr: /^Bincard did not start: ROLE is "worker"; allowed is all or api where LEDGER_URL is memory:\n$/
  })
})
