import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pLimit from 'p-limit'

const NAME = /^\d{16}$/

/**
 * Numbers that only grow, for all processes on a folder. It holds one file, whose name is the number given last; to
 * rename it is to take the next, and of several who try only one finds the file still there.
 */
export class FencingTokens {
  readonly #folder: string
  readonly #inTurn = pLimit(1)
  #last = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Higher than whatever anybody was given on this folder before. */
  next(): Promise<number> {
    return this.#inTurn(() => this.#take())
  }

  async #take(): Promise<number> {
    for (;;) {
      const token = this.#last + 1
      try {
        await rename(this.#pathOf(this.#last), this.#pathOf(token))
        this.#last = token
        return token
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
      }
      const given = await this.#given()
      if (given === undefined) await this.#begin()
      else this.#last = given
    }
  }

  async #given(): Promise<number | undefined> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => NAME.test(name))
      return names.length === 0 ? undefined : Math.max(...names.map(Number))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** Puts the folder in its place with its file already in it, so that whoever comes second finds it there. */
  async #begin(): Promise<void> {
    await mkdir(dirname(this.#folder), { recursive: true })
    const prepared = await mkdtemp(`${this.#folder}-`)
    try {
      await writeFile(join(prepared, nameOf(this.#last)), '')
      await rename(prepared, this.#folder)
    } catch (error) {
      await rm(prepared, { recursive: true, force: true })
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
    }
  }

  #pathOf(token: number): string {
    return join(this.#folder, nameOf(token))
  }
}

function nameOf(token: number): string {
  return token.toString().padStart(16, '0')
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
