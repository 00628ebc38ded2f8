import type { DeadLetter } from '../../domain/synchronization.ts'
import { DamagedFileError, type SyncFolder } from './sync-folder.ts'
import type { DeadLetters } from './sync-store.ts'

const FOLDER = 'dead-letters'
const NAME = /^(\d{16})$/

/** One file for each letter, named by the sequence of its event: put twice, it is there once. */
export class DeadLetterFiles implements DeadLetters {
  readonly #folder: SyncFolder

  constructor(folder: SyncFolder) {
    this.#folder = folder
  }

  async sequences(): Promise<number[]> {
    const names = await this.#folder.list(FOLDER)
    return names.flatMap((name) => (NAME.test(name) ? [Number(name)] : [])).sort((a, b) => a - b)
  }

  /** Undefined also where its file is damaged: then it is a letter still, of which only the sequence is known. */
  async get(sequence: number): Promise<DeadLetter | undefined> {
    try {
      return (await this.#folder.read(DeadLetterFiles.nameOf(sequence))) as DeadLetter | undefined
    } catch (error) {
      if (error instanceof DamagedFileError) return undefined
      throw error
    }
  }

  async put(letter: DeadLetter): Promise<void> {
    await this.#folder.make(FOLDER)
    await this.#folder.write(DeadLetterFiles.nameOf(letter.event.sequence), letter)
  }

  async remove(sequence: number): Promise<boolean> {
    return await this.#folder.remove(DeadLetterFiles.nameOf(sequence))
  }

  /** The name of the file of this event's letter. */
  static nameOf(sequence: number): string {
    return `${FOLDER}/${sequence.toString().padStart(16, '0')}`
  }
}
