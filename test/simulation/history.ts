import { createHash } from 'node:crypto'
import type { VirtualTime } from './virtual-time.ts'

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/**
 * What has happened, as one number to compare by: two runs of one seed have the same. Times count from the beginning and
 * ids in the order of their appearance, as the library that makes them never goes back in time within one process.
 */
export class History {
  readonly #hash = createHash('sha256')
  readonly #time: VirtualTime
  readonly #began: number
  readonly #ids = new Map<string, number>()
  readonly #listener: ((line: string) => void) | undefined

  constructor(time: VirtualTime, listener?: (line: string) => void) {
    this.#time = time
    this.#began = time.now
    this.#listener = listener
  }

  note(...parts: readonly string[]): void {
    const line = `${this.#time.steadyNow()} ${parts.join(' ')}`
      .replace(uuid, (id) => `#${this.#numberOf(id)}`)
      .replace(instant, (text) => String(Date.parse(text) - this.#began))
    this.#hash.update(`${line}\n`)
    this.#listener?.(line)
  }

  digest(): string {
    return this.#hash.digest('hex').slice(0, 16)
  }

  #numberOf(id: string): number {
    const known = this.#ids.get(id) ?? this.#ids.size + 1
    this.#ids.set(id, known)
    return known
  }
}
