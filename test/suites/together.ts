import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { suites } from './suites.ts'

const tests = join(import.meta.dirname, '..')

/** The test files that lie in this folder below `test/`, not those of folders in it. */
export function testFiles(folder: string): string[] {
  return readdirSync(join(tests, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(tests, folder, name))
}

/**
 * Runs the test files of these folders in this process, one after the other. Starting a process and loading the
 * service takes longer than most files do.
 */
export function runTogether(suite: keyof typeof suites): void {
  // What is loaded here queues its tests behind this one; a file that cannot be loaded fails it.
  t.test(`the files of ${suite} load`, async (t) => {
    for (const file of suites[suite].flatMap(testFiles)) {
      await import(pathToFileURL(file).href)
      t.pass(file)
    }
  })
}
