// MemoryFileSystem is the model of NodeFileSystem: the same calls get the same answers, errors included.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { FileSystem, OpenFile, OpenMode } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'

type Step = (files: FileSystem, handles: OpenFile[], root: string) => unknown

const path = fc.constantFrom(
  'a',
  'b',
  'c',
  'folder',
  'folder/a',
  'folder/b',
  'folder/deep',
  'folder/deep/x',
  'a/x',
  'none/x'
)
const mode = fc.constantFrom<OpenMode>('append', 'create', 'read', 'update')
const bytes = fc.uint8Array({ maxLength: 40 })
const index = fc.nat({ max: 9 })
const position = fc.nat({ max: 60 })

/** A step with a readable name, so that a counterexample can be read. */
function named(name: string, step: Step): Step {
  return Object.assign(step, { [fc.toStringMethod]: () => name })
}

/** A step on one of the handles that are open by then, if any is. */
function onHandle(name: string, at: number, act: (handle: OpenFile) => unknown): Step {
  return named(`${name} on #${at}`, (_files, handles) => {
    const handle = handles[at % Math.max(1, handles.length)]
    return handle ? act(handle) : 'no handle'
  })
}

const open = fc.tuple(path, mode).map(([path, mode]) =>
  named(`open ${path} ${mode}`, async (files, handles, root) => {
    handles.push(await files.open(join(root, path), mode))
  })
)

const onNames = fc.oneof(
  path.map((path) => named(`makeFolder ${path}`, (files, _, root) => files.makeFolder(join(root, path)))),
  fc.constantFrom('', 'folder', 'a', 'none').map((path) => {
    return named(`list ${path}`, (files, _, root) => files.list(join(root, path)))
  }),
  path.map((path) => named(`remove ${path}`, (files, _, root) => files.remove(join(root, path)))),
  path.map((path) => named(`syncFolder ${path}`, (files, _, root) => files.syncFolder(join(root, path)))),
  fc.tuple(path, path).map(([from, to]) => {
    return named(`rename ${from} ${to}`, (files, _, root) => files.rename(join(root, from), join(root, to)))
  })
)

const onBytes = fc.oneof(
  fc.tuple(index, bytes).map(([at, bytes]) => {
    return onHandle(`append ${bytes.length}`, at, (handle) => handle.append(bytes))
  }),
  fc.tuple(index, bytes, position).map(([at, bytes, position]) => {
    return onHandle(`writeAt ${position} ${bytes.length}`, at, (handle) => handle.writeAt(bytes, position))
  }),
  fc.tuple(index, position, position).map(([at, length, position]) => {
    return onHandle(`read ${position} ${length}`, at, async (handle) => {
      const into = new Uint8Array(length)
      return [await handle.read(into, position), [...into]]
    })
  }),
  index.map((at) => onHandle('size', at, (handle) => handle.size())),
  index.map((at) => onHandle('syncData', at, (handle) => handle.syncData())),
  index.map((at) => onHandle('close', at, (handle) => handle.close()))
)

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: open },
    { weight: 4, arbitrary: onNames },
    { weight: 4, arbitrary: onBytes }
  ),
  {
    minLength: 10,
    maxLength: 60,
    size: 'max'
  }
)

/** The answer to each step: a value, or an error's code and system call. */
async function answersTo(steps: Step[], files: FileSystem, root: string): Promise<unknown[]> {
  await files.makeFolder(join(root, 'folder/deep'))
  const handles = [await files.open(join(root, 'a'), 'create')]
  const answers: unknown[] = []
  for (const step of steps) {
    try {
      answers.push(await step(files, handles, root))
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException
      answers.push({ code, syscall })
    }
  }
  for (const handle of handles) await handle.close().catch(() => undefined)
  return answers
}

/** All folders and files below a folder, with the files' bytes. */
async function treeOf(files: FileSystem, folder: string): Promise<unknown> {
  const tree: Record<string, unknown> = {}
  for (const name of await files.list(folder)) {
    const file = await files.open(join(folder, name), 'read').catch(() => undefined)
    if (!file) {
      tree[name] = await treeOf(files, join(folder, name))
      continue
    }
    const bytes = new Uint8Array(file.size())
    await file.read(bytes, 0)
    await file.close()
    tree[name] = bytes
  }
  return tree
}

t.test('memory answers as the machine does', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'bincard-model-'))
  t.teardown(() => rm(parent, { recursive: true }))
  const machine = new NodeFileSystem()
  const codes = new Set<unknown>()

  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const memory = new MemoryFileSystem()
      const root = await mkdtemp(join(parent, 'run-'))
      const [real, modelled] = [await answersTo(steps, machine, root), await answersTo(steps, memory, '/')]
      assert.deepEqual(modelled, real)
      for (const answer of real)
        if (typeof answer === 'object') codes.add((answer as { code?: string } | null)?.code)
      assert.deepEqual(await treeOf(memory, '/'), await treeOf(machine, root))
    }),
    { numRuns: 300 }
  )

  const expected = ['EBADF', 'EEXIST', 'EINVAL', 'EISDIR', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY']
  t.same(
    expected.filter((code) => !codes.has(code)),
    [],
    'every kind of refusal was met'
  )
})
