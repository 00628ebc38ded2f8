import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const root = join(import.meta.dirname, '../..')
// Below node_modules: out of git's and the linters' way, on the project's disk, and the packages resolve from it.
const cache = join(root, 'node_modules/.cache/bincard-bench')
const compiled = join(cache, 'compiled')

/** Where the measured logs go unless another folder is named. */
export const defaultFolder = join(cache, 'data')

/** The service as it is run in production. */
export const servicePath = join(root, 'dist/server.js')

/** Compiles the bare server and the programs of the bench as the build compiles the service. */
export async function compilePrograms(): Promise<void> {
  await mkdir(compiled, { recursive: true })
  await writeFile(join(compiled, 'package.json'), '{"type": "module"}\n')
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  await node([compiler, '-p', join(root, 'test/bench/tsconfig.build.json')])
}

export function programPath(name: string): string {
  return join(compiled, 'test/bench', `${name}.js`)
}

/** Runs a program of the bench with its input, in a fresh process; resolves to what it measured. */
export async function runProgram<Output>(name: string, input: object): Promise<Output> {
  const stdout = await node([programPath(`programs/${name}`), JSON.stringify(input)])
  return JSON.parse(stdout) as Output
}

async function node(args: readonly string[]): Promise<string> {
  const { PATH = '', HOME = '' } = process.env
  try {
    const { stdout } = await run(process.execPath, args, { env: { PATH, HOME }, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.slice(0, 1).join(' ')} failed: ${stdout}${stderr}`, { cause: error })
  }
}
