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

/** What became of the changes that callers asked for. */
export class StockInstruments {
  readonly #movements: Counter
  readonly #conflicts: Counter
  readonly #hits: Counter

  constructor(registry: Registry, prefix: string) {
    const registers = [registry]
    const movements = new Counter({
      name: `${prefix}movements_total`,
      help: 'Changes that were asked for, by their kind and what became of them',
      labelNames: ['type', 'result'],
      registers
    })
    for (const type of Object.keys(noMovements)) {
      for (const result of ['applied', 'refused']) movements.inc({ type, result }, 0)
    }
    this.#movements = movements
    new Counter({
      name: `${prefix}updates_processed_total`,
      help: 'Changes that were applied, of whatever kind',
      registers,
      async collect() {
        const { values } = await movements.get()
        this.reset()
        for (const { labels, value } of values) if (labels['result'] === 'applied') this.inc(value)
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
    const { results, refusedLine } = outcome.answer
    const [only] = lines
    if (
      lines.length === 1 &&
      results[0]?.applied === true &&
      results[0].replayed !== true &&
      only !== undefined
    ) {
      // What nearly every request is; the tallies below cost more than counting it.
      this.#movements.inc({ type: only.command.type, result: 'applied' })
      return
    }
    const tallies = { applied: { ...noMovements }, refused: { ...noMovements } }
    let conflicts = 0
    let hits = 0
    for (const [index, result] of results.entries()) {
      const line = lines[refusedLine ?? index]
      if (line === undefined) continue
      if (result.replayed === true) hits += 1
      else if (result.applied) tallies.applied[line.command.type] += 1
      else {
        tallies.refused[line.command.type] += 1
        if (result.refusal.code === 'version_conflict') conflicts += 1
      }
    }
    if (hits > 0) this.#hits.inc(hits)
    if (conflicts > 0) this.#conflicts.inc(conflicts)
    this.#add('applied', tallies.applied)
    this.#add('refused', tallies.refused)
  }

  #add(result: 'applied' | 'refused', tally: Tally): void {
    for (const [type, count] of Object.entries(tally)) {
      if (count > 0) this.#movements.inc({ type, result }, count)
    }
  }
}
