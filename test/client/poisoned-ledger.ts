import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import type { SequencedEvent } from '../../domain/unit.ts'

/** A ledger some of whose events nobody can make anything of while it is poisonous. */
export class PoisonedLedger extends MemoryLedger {
  isPoisonous = false

  override async read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    const events = await super.read(fromSequence, limit)
    return events.map((event) => (event.event.sku.startsWith('poison') ? this.#poisoned(event) : event))
  }

  #poisoned(sequenced: SequencedEvent): SequencedEvent {
    const event = new Proxy(sequenced.event, {
      get: (target, name, receiver) => {
        if (name === 'qty' && this.isPoisonous) throw new Error('this event is poison')
        return Reflect.get(target, name, receiver) as unknown
      }
    })
    return { ...sequenced, event }
  }
}
