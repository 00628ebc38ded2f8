import { Draft } from '../../domain/draft.ts'
import { LedgerError, type LedgerObserver } from '../../domain/ledger.ts'
import { expiredIn, type LoggedUnit } from '../../domain/logged-unit.ts'
import type { Outcome } from '../../domain/unit.ts'
import { FrameBuffer } from './frame.ts'
import type { LogTail } from './log-tail.ts'
import type { Task, WriteQueue } from './write-queue.ts'

const LINES_PER_BATCH_MAX = 4096

interface DraftedFrame {
  readonly task: Task
  readonly outcome: Outcome
  readonly unit: LoggedUnit
  readonly length: number
  readonly checksum: number
}

interface Drafted {
  readonly frames: DraftedFrame[]
  /** Replays and refusals that no key remembers: nothing to write, but true only if the frames before them are. */
  readonly answers: { readonly task: Task; readonly outcome: Outcome }[]
}

/** What this process has in the file and not yet made visible. */
interface InFlight {
  readonly draft: Draft
  readonly segment: number
  readonly start: number
  readonly end: number
  /** When its frames were in the file, by `performance.now()`. */
  landedAt: number | undefined
}

/**
 * Gathers the units that wait into one write and one sync, again and again: decide all of them on the caught-up
 * state, append, sync, and only then let them take effect and answer. Units that another process made void are decided again.
 */
export class GroupCommit {
  readonly #tail: LogTail
  readonly #queue: WriteQueue
  readonly #observer: LedgerObserver | undefined
  readonly #frames = new FrameBuffer()
  #inFlight: InFlight | undefined

  constructor(tail: LogTail, queue: WriteQueue, observer: LedgerObserver | undefined) {
    this.#tail = tail
    this.#queue = queue
    this.#observer = observer
  }

  /**
   * Whether a read of the record has to wait for the present cycle: somebody else has written, or this process has
   * written a change of it that others can already see.
   */
  isBehind(concerns: (draft: Draft) => boolean): boolean {
    const size = this.#tail.size()
    const flight = this.#inFlight
    if (flight === undefined) return size !== this.#tail.readEnd || this.#tail.isLeavingSegment
    if (this.#tail.segment !== flight.segment) return true
    if (size === flight.start) return false
    if (flight.landedAt === undefined || size !== flight.end || this.#tail.hasOpenEnd) return true
    return concerns(flight.draft)
  }

  /**
   * One cycle: catches up, and writes what waits. Rejects where the log failed: then the tasks in hand are refused as
   * in doubt and nothing more may be written.
   */
  async cycle(): Promise<void> {
    const waiting = this.#queue.length
    await this.#tail.catchUp()
    // A task that came in the meantime may know of more than has been read: a refusal would be out of date.
    const isCurrent = this.#tail.size() === this.#tail.readEnd
    const tasks = this.#queue.take(isCurrent ? Infinity : waiting, LINES_PER_BATCH_MAX)
    if (tasks.length === 0) return
    const draft = new Draft(this.#tail.replay.book)
    const drafted = this.#decide(draft, tasks)
    if (drafted === undefined) return
    if (drafted.frames.length > 0 && !(await this.#commit(draft, drafted))) return
    for (const { task, outcome } of drafted.answers) task.request.settle(task, outcome)
  }

  /** A unit that cannot even be decided is a fault of ours: it alone is refused, and the others are decided anew. */
  #decide(draft: Draft, tasks: readonly Task[]): Drafted | undefined {
    const drafted: Drafted = { frames: [], answers: [] }
    this.#frames.clear()
    for (const task of tasks) {
      try {
        this.#decideTask(draft, task, drafted)
      } catch (error) {
        task.request.fail(error instanceof Error ? error : new Error(String(error)))
        this.#tail.returnIds(drafted.frames.length)
        this.#queue.putBack(tasks.filter((other) => other.request !== task.request))
        return undefined
      }
    }
    return drafted
  }

  #decideTask(draft: Draft, task: Task, drafted: Drafted): void {
    const { outcome, logged } = draft.propose(task.unit, this.#tail.nextId())
    if (logged === undefined) {
      drafted.answers.push({ task, outcome })
      return
    }
    const isFirst = drafted.frames.length === 0
    const frame = isFirst ? { ...logged, durable: this.#tail.replay.position.mark } : logged
    const { length, checksum } = this.#frames.add(frame)
    drafted.frames.push({ task, outcome, unit: logged, length, checksum })
    this.#tail.useId()
  }

  /** Writes the frames; false where some were void and everything that was not written is decided again. */
  async #commit(draft: Draft, drafted: Drafted): Promise<boolean> {
    const { segment, readEnd: start } = this.#tail
    const flight: InFlight = { draft, segment, start, end: start + this.#frames.length, landedAt: undefined }
    this.#inFlight = flight
    const verdicts = new Map<string, boolean>()
    try {
      const place = await this.#tail.append(
        this.#frames,
        (id, isValid) => verdicts.set(id, isValid),
        () => (flight.landedAt = performance.now())
      )
      if (place === undefined) return this.#settleByVerdict(drafted, verdicts)
      const syncMs = performance.now() - (flight.landedAt ?? 0)
      this.#settleAll(drafted, place)
      this.#tell(drafted.frames, syncMs)
      return true
    } catch (error) {
      const reason = inDoubt(error)
      for (const { task } of [...drafted.frames, ...drafted.answers]) task.request.fail(reason)
      throw error
    } finally {
      this.#inFlight = undefined
    }
  }

  #settleAll(drafted: Drafted, place: number): void {
    let start = place
    for (const { unit, length, checksum } of drafted.frames) {
      this.#tail.replay.takeOwn(unit, start + 1, start + length, checksum)
      start += length
    }
    for (const { task, outcome } of drafted.frames) task.request.settle(task, outcome)
  }

  #settleByVerdict(drafted: Drafted, verdicts: ReadonlyMap<string, boolean>): boolean {
    const again: Task[] = []
    const valid: DraftedFrame[] = []
    for (const frame of drafted.frames) {
      if (verdicts.get(frame.unit.id) !== true) {
        again.push(frame.task)
        continue
      }
      valid.push(frame)
      frame.task.request.settle(frame.task, frame.outcome)
    }
    this.#tell(valid)
    if (again.length === 0) return true
    this.#queue.putBack([...again, ...drafted.answers.map(({ task }) => task)])
    return false
  }

  /** Tells of the units of one write that took effect. */
  #tell(frames: readonly DraftedFrame[], syncMs?: number): void {
    if (this.#observer === undefined) return
    let events = 0
    let expired = 0
    for (const { unit } of frames) {
      events += unit.events.length
      expired += expiredIn(unit)
    }
    const written = { units: frames.length, events, expired }
    this.#observer.batchWritten(syncMs === undefined ? written : { ...written, syncMs })
  }
}

function inDoubt(cause: unknown): LedgerError {
  return new LedgerError(
    'in_doubt',
    'the write failed on its way to the disk; whether it survives is not known',
    { cause }
  )
}
