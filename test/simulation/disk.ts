import {
  FaultyFileSystem,
  type Fault,
  type Operation
} from '../../adapters/file-system/faulty-file-system.ts'
import type { FileSystem } from '../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../adapters/file-system/memory-file-system.ts'
import { MortalFileSystem } from '../cluster/mortal-file-system.ts'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtual-time.ts'

/** The disk as one process has it, which may fail for that process and ends with it. */
export class ProcessDisk {
  readonly fileSystem: FileSystem
  readonly #faulty: FaultyFileSystem
  readonly #mortal: MortalFileSystem

  constructor(disk: FileSystem) {
    this.#faulty = new FaultyFileSystem(disk)
    this.#mortal = new MortalFileSystem(this.#faulty)
    this.fileSystem = this.#mortal
  }

  /** The next calls of the operation fail, `times` of them. */
  fail(operation: Operation, code: string, times: number): void {
    this.#add({ kind: 'fail', operation, nth: this.#next(operation), code, times })
  }

  /** The next write ends after so many bytes, with an error or without. */
  tear(bytes: number, code?: string): void {
    this.#add({ kind: 'tear', nth: this.#next('append'), bytes, ...(code !== undefined && { code }) })
  }

  heal(): void {
    this.#faulty.plan = []
  }

  kill(): void {
    this.#mortal.kill()
  }

  #add(fault: Fault): void {
    this.#faulty.plan = [...this.#faulty.plan, fault]
  }

  #next(operation: Operation): number {
    return this.#faulty.log.filter((name) => name === operation).length + 1
  }
}

/** How a disk that processes are to be given differs from the plain one; for tests that want to see a fault found. */
export type Disguise = (disk: FileSystem) => FileSystem

/** The one disk of all processes, which takes its time, may be slow or full, and may lose power. */
export class SimulatedDisk {
  /** By how much everything takes longer. */
  slowness = 1
  readonly #chance: Chance
  readonly #disguise: Disguise
  #memory: MemoryFileSystem

  constructor(time: VirtualTime, chance: Chance, disguise: Disguise = (disk) => disk) {
    this.#chance = chance
    this.#disguise = disguise
    this.#memory = new MemoryFileSystem({ schedule: () => time.wait(this.#latencyMs()) })
  }

  forProcess(): ProcessDisk {
    return new ProcessDisk(this.#disguise(this.#memory))
  }

  /** Has room for only so many bytes more from now on. */
  fill(bytesLeft: number): void {
    const used = this.#memory.paths().reduce((sum, path) => sum + this.#memory.readAll(path).length, 0)
    this.#memory.capacityBytes = used + bytesLeft
  }

  heal(): void {
    this.#memory.capacityBytes = Infinity
    this.slowness = 1
  }

  /** REQUIRES: no process is left that has it open. */
  cutPower(keepUnsynced: 'none' | 'some'): void {
    this.#memory = this.#memory.crash({ seed: this.#chance.seed(), keepUnsynced })
  }

  /** All files below the folder with their bytes, as they are read. */
  files(folder: string): Map<string, Uint8Array> {
    const paths = this.#memory.paths().filter((path) => path.startsWith(`${folder}/`))
    return new Map(paths.map((path) => [path.slice(folder.length + 1), this.#memory.readAll(path)]))
  }

  #latencyMs(): number {
    const kind = this.#chance.below(10)
    if (kind < 6) return 0
    const latestMs = kind < 9 ? 1 : 8
    return this.#chance.random() * latestMs * this.slowness
  }
}
