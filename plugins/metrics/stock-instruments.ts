import { Counter, type Registry } from 'prom-client'
import type { CommandType } from '../../domain/commands.ts'
import type { Line, Outcome } from '../../domain/unit.ts'
import type { CounterSource } from './options.ts'

declare module 'fastify' {
  interface MetricCounters {
    /** Changes that were refused because the record had another version than the expected one. */
    readonly conflicts: number
    /** Answers that were given again under their idempotency keys, whole requests and single lines. */
    readonly idempotentHits: number
    readonly adjustStock: number
    readonly reserveStock: number
    readonly releaseStock: number
    readonly commitStock: number
  }
}

type Tally = Record<CommandType, number>

const noMovements: Readonly<Tally> = {
  adjust: 0,
  reserve: 0,
  release: 0,
  commit: 0,
  extend: 0,
  expire: 0,
  create_product: 0,
  set_product: 0,
  delete_product: 0
}

const results = ['applied', 'refused'] as const

/** What became of the changes that callers asked for. */
export class StockInstruments {
  /** Counted here and put into the counter where somebody reads it: a label costs more than all else about a movement. */
  readonly #tallies = { applied: { ...noMovements }, refused: { ...noMovements } }
  readonly #movements: Counter
  readonly #conflicts: Counter
  readonly #hits: Counter

  constructor(registry: Registry, prefix: string) {
    const registers = [registry]
    const tallies = this.#tallies
    this.#movements = new Counter({
      name: `${prefix}movements_total`,
      help: 'Changes that were asked for, by their kind and what became of them',
      labelNames: ['type', 'result'],
      registers,
      collect() {
        this.reset()
        for (const result of results) {
          for (const [type, count] of Object.entries(tallies[result])) this.inc({ type, result }, count)
        }
      }
    })
    new Counter({
      name: `${prefix}updates_processed_total`,
      help: 'Changes that were applied, of whatever kind',
      registers,
      collect() {
        this.reset()
        for (const count of Object.values(tallies.applied)) this.inc(count)
      }
    })
    this.#conflicts = new Counter({
      name: `${prefix}version_conflicts_total`,
      help: 'Changes that were refused because their record had another version',
      registers
    })
    this.#hits = new Counter({
      name: `${prefix}cache_hits_total`,
      help: 'Answers that were given again under their idempotency keys',
      registers
    })
  }

  get counters(): Readonly<Record<string, CounterSource>> {
    const applied = (type: CommandType): CounterSource => ({
      counter: this.#movements,
      labels: { type, result: 'applied' }
    })
    return {
      conflicts: { counter: this.#conflicts },
      idempotentHits: { counter: this.#hits },
      adjustStock: applied('adjust'),
      reserveStock: applied('reserve'),
      releaseStock: applied('release'),
      commitStock: applied('commit')
    }
  }

  /** Counts what became of a unit. A replay changed nothing, and a key that was used for another request neither. */
  count(lines: readonly Line[], outcome: Outcome): void {
    if (outcome.kind === 'key_conflict') return
    if (outcome.replayed) {
      this.#hits.inc()
      return
    }
    const { answer } = outcome
    const { applied, refused } = this.#tallies
    let index = answer.refusedLine ?? 0
    for (const result of answer.results) {
      const line = lines[index]
      index += 1
      if (line === undefined) continue
      const { type } = line.command
      if (result.replayed === true) this.#hits.inc()
      else if (result.applied) applied[type] += 1
      else {
        refused[type] += 1
        if (result.refusal.code === 'version_conflict') this.#conflicts.inc()
      }
    }
  }
}
