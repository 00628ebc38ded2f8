import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..', '..')
const documents = [
  'README.md',
  'run.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'data/README.md',
  'monitoring/README.md',
  'plugins/errors/README.md',
  'plugins/idempotency/README.md',
  'plugins/preconditions/README.md',
  'plugins/rate-limit/README.md'
]
const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }

/** The fragment that GitHub gives a heading. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function fragmentsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => fragmentOf(heading))
}

/** The links to files and headings, and the scripts, that the document names and that are not there. */
function missingIn(document: string): string[] {
  const markdown = text(document)
  const links = [...markdown.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target)
  const named = [...markdown.matchAll(/\bnpm run (?:--silent )?([a-z][a-z:-]*)/g)].map(
    ([, script = '']) => script
  )
  return [
    ...links.filter((target) => !isThere(document, target)),
    ...named.filter((script) => !(script in scripts))
  ]
}

function isThere(document: string, target: string): boolean {
  const [path = '', fragment] = target.split('#')
  const file = path === '' ? document : join(dirname(document), path)
  if (!existsSync(join(root, file))) return false
  return fragment === undefined || fragmentsOf(text(file)).includes(fragment)
}

t.test('the files, headings and scripts that documents name are there', async (t) => {
  for (const document of documents) t.strictSame(missingIn(document), [], document)
})
