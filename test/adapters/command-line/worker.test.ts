import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { commandLineProgram } from '../../processes/programs.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
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

t.test('each command says how it is used, and what is wrong', async (t) => {
  for (const command of ['worker', 'verify', 'rebuild']) {
    const help = await run([command, '--help'])
    t.match(help, { code: 0, stdout: new RegExp(`^Usage: bincard ${command}`) })
    t.match(await run([command, '--what']), { code: 2, stderr: new RegExp(`^bincard ${command}: `) })
  }
  for (const interval of ['99', '3600001', '1e3', '-5', 'x']) {
    t.match(await run(['worker', '--', interval]), { code: 2, stderr: /INTERVAL is a whole number/ })
  }
})

t.test('once, rebuild and verify', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bincard-cli-'))
  t.match(await run(['verify', join(folder, 'nothing')]), { code: 1, stderr: /ENOENT/ })
  t.match(await run(['worker', '--once'], { DATA_DIR: folder }), { code: 0, stdout: /^Applied 0 events/ })
  t.match(await run(['rebuild'], { DATA_DIR: folder }), { code: 0, stdout: /^Made the central model anew/ })
  t.match(await run(['verify'], { DATA_DIR: folder }), { code: 0, stdout: /: no difference\n$/ })
  t.match(await run(['worker', '--once'], { LEDGER_URL: 'memory:' }), {
    code: 1,
    stderr: /^Bincard did not start: ROLE is "worker"; allowed is all or api where LEDGER_URL is memory:\n$/
  })
})
