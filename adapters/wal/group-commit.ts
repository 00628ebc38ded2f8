import { Draft, type Proposal } from '../../domain/draft.ts'
import type { DraftedUnit } from '../../domain/drafted-unit.ts'
import { LedgerError, type LedgerObserver } from '../../domain/ledger.ts'
import { expiredIn } from '../../domain/logged-unit.ts'
import type { Outcome } from '../../domain/unit.ts'
import { proposeTraced, tellCommit, type CommitTimes } from '../traced-steps.ts'
import { FrameBuffer } from './frame-buffer.ts'
import type { LogTail } from './log-tail.ts'
import type { Task, WriteQueue } from './write-queue.ts'

const LINES_PER_BATCH_MAX = 4096

interface DraftedFrame extends DraftedUnit {
  readonly task: Task
  readonly outcome: Outcome
  readonly length: number
  readonly checksum: number
}

interface Drafted {
  readonly frames: DraftedFrame[]
  /** Replays and refusals that no key remembers: nothing to write, but true only if the frames before them are. */
  readonly answers: { readonly task: Task; readonly outcome: Outcome }[]
  /** Those of them that want to know where their time goes. */
  readonly traced: Task[]
}

/** Of a commit, in the milliseconds of `performance.now()`. */
type Times = Pick<CommitTimes, 'from' | 'landedAt' | 'to'>

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
    const drafted: Drafted = { frames: [], answers: [], traced: [] }
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
    const { outcome, logged, effect } = this.#propose(draft, task, drafted)
    if (logged === undefined) {
      drafted.answers.push({ task, outcome })
      return
    }
    const isFirst = drafted.frames.length === 0
    const frame = isFirst ? { ...logged, durable: this.#tail.replay.position.mark } : logged
    const { length, checksum } = this.#frames.add(frame)
    drafted.frames.push({ task, outcome, unit: logged, effect, length, checksum })
    this.#tail.useId()
  }

  #propose(draft: Draft, task: Task, drafted: Drafted): Proposal {
    const { unit, request } = task
    const unitId = this.#tail.nextId()
    if (unit.trace === undefined) return draft.propose(unit, unitId)
    drafted.traced.push(task)
    return proposeTraced(unit.trace, draft, unit, unitId, request.queuedAt)
  }

  /** Writes the frames; false where some were void and everything that was not written is decided again. */
  async #commit(draft: Draft, drafted: Drafted): Promise<boolean> {
    const { segment, readEnd: start } = this.#tail
    const flight: InFlight = { draft, segment, start, end: start + this.#frames.length, landedAt: undefined }
    this.#inFlight = flight
    const verdicts = new Map<string, boolean>()
    const from = drafted.traced.length > 0 ? performance.now() : 0
    try {
      const place = await this.#tail.append(
        this.#frames,
        (id, isValid) => verdicts.set(id, isValid),
        () => (flight.landedAt = performance.now())
      )
      const to = performance.now()
      if (place === undefined) {
        const again = this.#settleByVerdict(drafted, verdicts)
        this.#trace(drafted, { from, landedAt: flight.landedAt, to }, again)
        return again.length === 0
      }
      const syncMs = to - (flight.landedAt ?? 0)
      this.#settleAll(drafted, place)
      this.#tell(drafted.frames, syncMs)
      this.#trace(drafted, { from, landedAt: flight.landedAt, to })
      return true
    } catch (error) {
      this.#trace(drafted, { from, landedAt: flight.landedAt, to: performance.now() }, 'all failed')
      const reason = inDoubt(error)
      for (const { task } of [...drafted.frames, ...drafted.answers]) task.request.fail(reason)
      throw error
    } finally {
      this.#inFlight = undefined
    }
  }

  #settleAll(drafted: Drafted, place: number): void {
    let start = place
    for (const frame of drafted.frames) {
      const { length, checksum } = frame
      this.#tail.replay.takeOwn(frame, start + 1, start + length, checksum)
      start += length
    }
    for (const { task, outcome } of drafted.frames) task.request.settle(task, outcome)
  }

  /** Gives the tasks that are decided again. */
  #settleByVerdict(drafted: Drafted, verdicts: ReadonlyMap<string, boolean>): readonly Task[] {
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
    if (again.length === 0) return again
    for (const { task } of drafted.answers) again.push(task)
    this.#queue.putBack(again)
    return again
  }

  /** Tells those who want to know what the commit took, and which of them wait again from its end on. */
  #trace({ traced, frames }: Drafted, times: Times, failing: 'all failed' | readonly Task[] = []): void {
    for (const task of traced) {
      const { unit, request } = task
      if (unit.trace === undefined) continue
      const isVoid = failing !== 'all failed' && failing.includes(task)
      const batch = { ...times, units: frames.length, bytes: this.#frames.length }
      if (failing === 'all failed') tellCommit(unit.trace, batch, { failed: true })
      else tellCommit(unit.trace, batch, isVoid ? { void: true } : undefined)
      if (isVoid) request.queuedAt = times.to
    }
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
