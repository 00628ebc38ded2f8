import { execFileSync } from 'node:child_process'
import t from 'tap'
import { buildRunner, buildService, runner } from './build.ts'

/** Whether tap is built with the plugins that it is to have, by `.taprc`. */
function isRunnerBuilt(): boolean {
  const wanted = execFileSync(process.execPath, [runner, 'plugin', 'list'], { encoding: 'utf8' })
  return wanted.trim() === t.pluginSignature
}

// A fresh clone waits for both, so that they had better run at once.
const codes = await Promise.all([buildService(), isRunnerBuilt() ? 0 : buildRunner()])
process.exit(Math.max(...codes))
