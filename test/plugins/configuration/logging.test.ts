import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { loggingOptions } from '../../../plugins/configuration/logging.ts'
import { logStream } from '../../../plugins/configuration/log-stream.ts'
import { ownFolder } from '../../processes/own-folder.ts'

const module = join(import.meta.dirname, '..', '..', '..', 'plugins', 'configuration', 'log-stream.ts')

t.test(
  'the lines of a turn are written together at its end, or at once where that is asked for',
  async (t) => {
    const path = join(ownFolder(t), 'log')
    const stream = logStream(openSync(path, 'a'))
    const written = () => readFileSync(path, 'utf8')
    stream.write('one\n')
    stream.write('two\n')
    t.equal(written(), '')
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(written(), 'one\ntwo\n')
    stream.write('fatal\n')
    stream.flushSync()
    t.equal(written(), 'one\ntwo\nfatal\n')
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(written(), 'one\ntwo\nfatal\n', 'and once')
  }
)

t.test('what waits at an exit, or at an error that nothing caught, is written', async (t) => {
  for (const end of ['process.exit(0)', 'throw new Error("no")']) {
    const program = `import { logStream } from ${JSON.stringify(module)}; logStream().write('last\\n'); ${end}`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'ignore']
    })
    t.equal(await text(child.stdout), 'last\n', end)
  }
})

t.test('the log is for people on a terminal in development only', async (t) => {
  const stream = { write: () => undefined, flushSync: () => undefined }
  for (const [environment, terminal, isPretty] of [
    ['development', true, true],
    ['development', false, false],
    ['production', true, false]
  ] as const) {
    const { logger } = loggingOptions(loadConfiguration({ ENVIRONMENT: environment }), terminal, stream)
    t.equal('transport' in (logger as object), isPretty, `${environment} ${terminal}`)
    t.equal('stream' in (logger as object), !isPretty)
  }
})
