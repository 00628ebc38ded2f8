import { resolve } from 'node:path/posix'
import { MemoryFile, type KeepUnsynced } from './memory-file.ts'
import { below, type Random } from './seeded-random.ts'
import { systemError } from './system-error.ts'

export type MemoryNode = MemoryFile | MemoryFolder

/** Names that change in one step, a rename's two for example; undefined takes the name away. */
type Names = readonly (readonly [name: string, node: MemoryNode | undefined])[]

/** One folder's names: `current` is what everybody sees, the rest as in MemoryFile. */
export class MemoryFolder {
  #current = new Map<string, MemoryNode>()
  #durable = new Map<string, MemoryNode>()
  #unsynced: { number: number; names: Names }[] = []
  #changes = 0

  get entries(): ReadonlyMap<string, MemoryNode> {
    return this.#current
  }

  /** How many changes there have been: a sync covers those before its call. */
  get changes(): number {
    return this.#changes
  }

  change(names: Names): void {
    this.#changes += 1
    this.#unsynced.push({ number: this.#changes, names })
    put(this.#current, names)
  }

  /** Carries the changes up to and with `lastChange` to the disk. */
  makeDurable(lastChange: number): void {
    for (const { number, names } of this.#unsynced) if (number <= lastChange) put(this.#durable, names)
    this.#unsynced = this.#unsynced.filter(({ number }) => number > lastChange)
  }

  /** Damage: the name is gone, from the disk too, and no sync brings it back. */
  forget(name: string): void {
    this.#current.delete(name)
    this.#durable.delete(name)
    this.#unsynced = this.#unsynced.map(({ number, names }) => ({
      number,
      names: names.filter(([changed]) => changed !== name)
    }))
  }

  /**
   * The folder as it is found after a crash. Of the unsynced changes 'some' keeps the first few, since a
   * journal writes them in order. `twins` remembers the node already made for each one met.
   */
  afterCrash(keep: KeepUnsynced, random: Random, twins = new Map<MemoryNode, MemoryNode>()): MemoryFolder {
    const found = new MemoryFolder()
    twins.set(this, found)
    const twinOf = (node: MemoryNode): MemoryNode => {
      const twin = twins.get(node) ?? node.afterCrash(keep, random, twins)
      twins.set(node, twin)
      return twin
    }
    const twinsOf = (names: Names): Names => names.map(([name, node]) => [name, node && twinOf(node)])
    if (keep === 'all') {
      put(found.#current, twinsOf([...this.#current]))
      put(found.#durable, twinsOf([...this.#durable]))
      found.#unsynced = this.#unsynced.map(({ number, names }) => ({ number, names: twinsOf(names) }))
      found.#changes = this.#changes
      return found
    }
    const kept = keep === 'some' ? below(this.#unsynced.length + 1, random) : 0
    const names = new Map(this.#durable)
    for (const change of this.#unsynced.slice(0, kept)) put(names, change.names)
    put(found.#current, twinsOf([...names].sort(byName)))
    found.#durable = new Map(found.#current)
    return found
  }
}

function put(into: Map<string, MemoryNode>, names: Names): void {
  for (const [name, node] of names) {
    if (node) into.set(name, node)
    else into.delete(name)
  }
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1
}

/** The names on the way from the root; a relative path starts at the root too. */
export function partsOf(path: string): string[] {
  return resolve('/', path).split('/').filter(Boolean)
}

/** What stands at a path. Fails with ENOENT or ENOTDIR like path_resolution(7), named for the call. */
export function find(root: MemoryFolder, path: string, call: string, parts = partsOf(path)): MemoryNode {
  let node: MemoryNode = root
  for (const part of parts) {
    if (node instanceof MemoryFile) throw systemError('ENOTDIR', call, path)
    const next = node.entries.get(part)
    if (!next) throw systemError('ENOENT', call, path)
    node = next
  }
  return node
}

/** Like `find`, where only a folder will do. */
export function findFolder(root: MemoryFolder, path: string, call: string, parts?: string[]): MemoryFolder {
  const node = find(root, path, call, parts)
  if (node instanceof MemoryFile) throw systemError('ENOTDIR', call, path)
  return node
}

/** Every file with its absolute path, sorted by path. */
export function filesIn(folder: MemoryFolder, at = ''): { path: string; file: MemoryFile }[] {
  return [...folder.entries]
    .flatMap(([name, node]) =>
      node instanceof MemoryFile ? [{ path: `${at}/${name}`, file: node }] : filesIn(node, `${at}/${name}`)
    )
    .sort((left, right) => (left.path < right.path ? -1 : 1))
}
