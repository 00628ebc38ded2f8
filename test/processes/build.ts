import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** The program `tap`. */
export const runner = join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')

/**
 * Builds the service, and resolves to the compiler's exit code. Tests that start it in a process of its own start what is
 * built: it is up in half the time, and it is what users run. Where nothing has changed the compiler only looks.
 */
export async function buildService(): Promise<number> {
  return await run([compiler, '--build', join(root, 'tsconfig.build.json')])
}

/** Builds the test runner with the plugins that `.taprc` names, and resolves to its exit code. */
export async function buildRunner(): Promise<number> {
  return await run([runner, 'build'])
}

async function run(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

if (process.argv[1] === import.meta.filename) process.exit(await buildService())
