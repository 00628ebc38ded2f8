import { LedgerError } from '../../domain/ledger.ts'
import type { Answer, LineResult, Outcome, Unit } from '../../domain/unit.ts'

/**
 * The lines of a unit that is neither atomic nor remembered as a whole may be written in several frames. Small
 * frames lose little when another writer changes one of their records first.
 */
const LINES_PER_PART_MAX = 256

/** A unit, or the part of one, that is decided and written in one step. */
export interface Task {
  readonly unit: Unit
  readonly request: WriteRequest
  readonly part: number
}

/** One caller's unit on its way into the log. */
export class WriteRequest {
  readonly tasks: readonly Task[]
  readonly promise: Promise<Outcome>
  /** When it began to wait, by `performance.now()`, where somebody wants to know. */
  queuedAt = 0
  readonly #outcomes: Outcome[] = []
  #open: number
  #resolve!: (outcome: Outcome) => void
  #reject!: (reason: Error) => void

  constructor(unit: Unit) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (unit.trace !== undefined) this.queuedAt = performance.now()
    this.tasks = partsOf(unit).map((part, index) => ({ unit: part, request: this, part: index }))
    this.#open = this.tasks.length
  }

  /** The outcome of one part is durable. */
  settle(task: Task, outcome: Outcome): void {
    this.#outcomes[task.part] = outcome
    this.#open -= 1
    if (this.#open === 0) this.#resolve(joined(this.#outcomes))
  }

  /** No outcome can be promised. Where a part of it is written already, nobody may be told that nothing was done. */
  fail(reason: Error): void {
    this.#reject(this.#open === this.tasks.length ? reason : partlyWritten(reason))
  }
}

/** Requests in the order in which they came, bounded. */
export class WriteQueue {
  readonly #depthMax: number
  #tasks: Task[] = []
  #depth = 0

  constructor(depthMax: number) {
    this.#depthMax = depthMax
  }

  /** The number of requests that wait. */
  get depth(): number {
    return this.#depth
  }

  /** The number of tasks that wait. */
  get length(): number {
    return this.#tasks.length
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0
  }

  /** Throws a LedgerError `queue_full` where the bound is reached. */
  add(request: WriteRequest): void {
    if (this.#depth >= this.#depthMax) {
      throw new LedgerError('queue_full', `${this.#depth} writes are waiting, as many as are allowed`)
    }
    this.#depth += 1
    for (const task of request.tasks) this.#tasks.push(task)
  }

  /** Hands out the first `tasksMax` waiting tasks; of them at most `linesMax` lines, but at least one task. */
  take(tasksMax: number, linesMax: number): Task[] {
    let lines = 0
    let count = 0
    for (const task of this.#tasks) {
      if (count >= tasksMax) break
      lines += task.unit.lines.length
      if (count > 0 && lines > linesMax) break
      count += 1
      if (task.part === 0) this.#depth -= 1
    }
    return this.#tasks.splice(0, count)
  }

  /** Puts tasks back in front: their frames turned out void and are decided again. */
  putBack(tasks: readonly Task[]): void {
    for (const task of tasks) if (task.part === 0) this.#depth += 1
    this.#tasks = [...tasks, ...this.#tasks]
  }

  /** Refuses all that wait. */
  failAll(reason: Error): void {
    for (const task of this.#tasks.splice(0)) task.request.fail(reason)
    this.#depth = 0
  }
}

function partsOf(unit: Unit): Unit[] {
  const { lines } = unit
  if (unit.atomic || unit.identity !== undefined || lines.length <= LINES_PER_PART_MAX) return [unit]
  const parts: Unit[] = []
  for (let start = 0; start < lines.length; start += LINES_PER_PART_MAX) {
    parts.push({ ...unit, lines: lines.slice(start, start + LINES_PER_PART_MAX) })
  }
  return parts
}

/** One outcome of the parts of a unit without a key of its own, none of which can be a replay or a conflict. */
function joined(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes
  if (first === undefined) throw new TypeError('a unit without parts')
  if (outcomes.length === 1) return first
  const results: LineResult[] = []
  for (const outcome of outcomes) if (outcome.kind === 'answered') results.push(...outcome.answer.results)
  const answer: Answer = { at: first.kind === 'answered' ? first.answer.at : 0, results }
  return { kind: 'answered', answer, replayed: false }
}

function partlyWritten(cause: Error): LedgerError {
  return new LedgerError('in_doubt', 'a part of the lines was written before the ledger failed', { cause })
}
