import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// Tests that start the service in a process of its own start what is built: it is up in half the time, and it is what
// users run. Where nothing has changed the compiler only looks.
const root = join(import.meta.dirname, '..', '..')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit'
})
process.exit(status ?? 1)
