import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { suites } from './suites.ts'

const root = join(import.meta.dirname, '..', '..')

const folders = (): Set<string> => {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  return new Set(
    files.filter((name) => name.endsWith('.test.ts')).map((name) => dirname(name).replaceAll(sep, '/'))
  )
}

t.test('each test file runs, and once: in a suite, or in a process of its own', async (t) => {
  const { include } = parse(readFileSync(join(root, '.taprc'), 'utf8')) as { include: string[] }
  const alone = include.map((pattern) => /^test\/(.+)\/\*\.test\.ts$/.exec(pattern)?.[1])
  const run = [...alone, ...Object.values(suites).flat()]
  t.strictSame(run.sort(), [...folders()].sort())
})

t.test('each suite is started', async (t) => {
  const names = readdirSync(import.meta.dirname).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [])
  t.strictSame(names.sort(), ['complete', ...Object.keys(suites)].sort())
  for (const name of Object.keys(suites)) {
    t.match(readFileSync(join(import.meta.dirname, `${name}.test.ts`), 'utf8'), `runTogether('${name}')`)
  }
})

t.test('what a test starts loads nothing of the runner, but for the coverage', async (t) => {
  const { PATH, _TAPJS_PROCESSINFO_COVERAGE_: coverage } = process.env
  const options = execFileSync(process.execPath, ['--print', 'process.env.NODE_OPTIONS'], { env: { PATH } })
  t.match(String(options), coverage === '0' ? /^undefined\n$/ : /processinfo/)
})
