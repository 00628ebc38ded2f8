import fc from 'fast-check'
import t from 'tap'
import type { StockEvent } from '../../../domain/events.ts'
import type { SequencedEvent } from '../../../domain/unit.ts'
import { printEvent } from '../../../plugins/feed/printed-event.ts'
import { renderEvent } from '../../../plugins/schemas/rendered-event.ts'
import { eventFacts } from '../../domain/event-facts.ts'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u007f', '\ud800')
)
const amount = fc.oneof(fc.integer(), fc.maxSafeInteger())
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })

const facts = eventFacts(text, amount)
const remarks = { reason: text, reference: text }
const required = Object.keys(facts) as (keyof typeof facts)[]

/** An event of one of these types with what all events have, these parts, and maybe those. */
function eventOf(
  types: StockEvent['type'][],
  parts: Record<string, fc.Arbitrary<unknown>> = {},
  perhaps: Record<string, fc.Arbitrary<unknown>> = {}
): fc.Arbitrary<StockEvent> {
  const model = { type: fc.constantFrom(...types), ...facts, ...parts, ...perhaps, ...remarks }
  const requiredKeys = ['type', ...required, ...Object.keys(parts)] as (keyof typeof model)[]
  return fc.record(model, { requiredKeys }) as unknown as fc.Arbitrary<StockEvent>
}

const held = { reservationId: text, units: amount }
const stockEvent = fc.oneof(
  eventOf(['adjusted'], {}, { askedBy: text }),
  eventOf(['reserved'], held, { expiresAt: instant }),
  eventOf(['extended'], { ...held, expiresAt: instant }),
  eventOf(['released', 'committed', 'expired'], held),
  eventOf(['product_created', 'product_modified'], {
    name: text,
    price: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
  }),
  eventOf(['product_deleted'])
)

const sequenced = fc.record(
  { sequence: amount, at: instant, unitId: text, actor: text, idempotencyKey: text, event: stockEvent },
  { requiredKeys: ['sequence', 'at', 'unitId', 'event'] }
) as fc.Arbitrary<SequencedEvent>

t.test('an event is printed as it is rendered, byte for byte', async () => {
  fc.assert(
    fc.property(sequenced, (event) => printEvent(event) === JSON.stringify(renderEvent(event))),
    { numRuns: 2000 }
  )
})
