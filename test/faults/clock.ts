import { writeFileSync } from 'node:fs'

/** What a process loads first to have a clock that is wrong by as many milliseconds as the file says. */
const program = `
import { readFileSync } from 'node:fs'
const Right = Date
let wrongBy = 0
let looked = -Infinity
const now = () => {
  const instant = performance.now()
  if (instant - looked > 2) {
    looked = instant
    wrongBy = Number(readFileSync(process.env.CLOCK_FILE, 'utf8'))
  }
  return Right.now() + wrongBy
}
globalThis.Date = class Date extends Right {
  constructor(...given) {
    if (given.length === 0) super(now())
    else super(...given)
  }
  static now() {
    return now()
  }
}`

/** A clock of a process that can be set at any time. */
export class Clock {
  readonly #file: string

  /** Right until it is set. */
  constructor(file: string) {
    this.#file = file
    this.set(0)
  }

  /** Arguments of node before the program, and a variable, for a process that is to go by it. */
  get arguments(): readonly string[] {
    return ['--import', `data:text/javascript,${encodeURIComponent(program)}`]
  }

  get environment(): Readonly<Record<string, string>> {
    return { CLOCK_FILE: this.#file }
  }

  /** From a moment later on it is wrong by so many milliseconds. */
  set(wrongByMs: number): void {
    writeFileSync(this.#file, String(wrongByMs))
  }
}
