import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import type { Outcome, Unit } from '../../domain/unit.ts'

/** A ledger whose writes wait until they are let go. */
export class HeldLedger extends MemoryLedger {
  readonly #held: (() => void)[] = []
  isHeld = true

  get waiting(): number {
    return this.#held.length
  }

  override async execute(unit: Unit): Promise<Outcome> {
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve))
    return await super.execute(unit)
  }

  letGo(): void {
    this.isHeld = false
    for (const resolve of this.#held.splice(0)) resolve()
  }

  async untilWaiting(count: number): Promise<void> {
    for (let turn = 0; this.#held.length < count; turn += 1) {
      if (turn > 20_000) throw new Error(`only ${this.#held.length} of ${count} writes wait`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
