import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { comparable } from './answers.ts'
import { DocumentRun } from './document-run.ts'
import { examplesOf, type Example } from './examples.ts'
import { Identities } from './identities.ts'

const root = join(import.meta.dirname, '..', '..')

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

const missing = new Map(
  ['curl', 'jq'].filter((program) => !isInstalled(program)).map((name) => [name, `${name} is not installed`])
)

function skipped({ commands }: Example): string | false {
  return (/\|\s+jq\b/.test(commands) && missing.get('jq')) || false
}

/**
 * Tests a document of the project: does what it says, from its first line to its last, on a fresh ledger, and compares
 * what is printed. Status line, the headers that the document names and the JSON must be the same; what varies by nature
 * must have the same form (`answers.ts`), and a documented id stands for one real id from its first place on.
 */
export function testDocument(name: string): void {
  const examples = examplesOf(readFileSync(join(root, name), 'utf8'))

  t.test(`${name} says what comes of each request`, async (t) => {
    const requests = examples.filter(({ commands }) => /\bcurl\b/.test(commands))
    t.ok(requests.length >= 7)
    for (const { line, answer } of requests) t.not(answer, '', `${name}:${line}`)
  })

  t.test(`${name} is true`, { skip: missing.get('curl') ?? false }, async (t) => {
    const identities = new Identities()
    const run = await DocumentRun.begin(identities)
    t.teardown(() => run.end())
    for (const example of examples) {
      const title = `${name}:${example.line} ${example.commands.split('\n')[0]}`
      await t.test(title, { skip: skipped(example) }, async (t) => {
        const { documented, actual } = comparable(example, await run.type(example.commands), identities)
        t.equal(actual, documented)
      })
    }
  })
}
