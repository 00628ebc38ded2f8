import fc from 'fast-check'
import type { LoggedUnit } from '../../../domain/logged-unit.ts'
import { eventFacts } from '../../domain/event-facts.ts'

const text = fc.oneof(
  { arbitrary: fc.stringMatching(/^[A-Za-z0-9 -]{0,8}$/), weight: 150 },
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    ' ',
    'a b',
    '"',
    '\\',
    '\\"',
    '}',
    '}]}',
    '"}]}',
    '},"durable":[1,2,3]}',
    '\n',
    '\ud800',
    'ä',
    '😀'
  ),
  fc.constantFrom(
    'x}],"durable":[1,2,3]}',
    '"}],"durable":[1]}',
    '","events":[{"type":"adjusted"',
    '0',
    '[0]'
  )
)
const amount = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(-0))
const instant = fc.nat({ max: 4_102_444_800_000 })

const most = <Value>(usual: fc.Arbitrary<Value[]>, rest: fc.Arbitrary<Value[]>): fc.Arbitrary<Value[]> =>
  fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: rest, weight: 1 })
/** `JSON.stringify` leaves out what is undefined. */
const rarely = (values: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 8 }, { arbitrary: values, weight: 1 })

const facts = eventFacts(text, amount)
/** In the order in which the decisions write them, which is that of the log. */
const adjusted = fc.record(
  {
    type: fc.constant('adjusted'),
    ...facts,
    reason: text,
    reference: text,
    askedBy: text
  },
  { requiredKeys: ['type', ...(Object.keys(facts) as (keyof typeof facts)[])] }
)
const other = fc.record({
  ...{ type: fc.constantFrom('released', 'adjusted') },
  sku: text,
  storeId: text,
  units: amount
})
const answer = fc.record(
  {
    key: text,
    fingerprint: text,
    until: instant,
    lines: fc.oneof(
      fc.constant([0]),
      fc.array(fc.oneof(fc.nat({ max: 2 }), fc.constant({ earlier: {} })), { maxLength: 2 })
    ),
    refusedLine: rarely(fc.nat({ max: 2 }))
  },
  { requiredKeys: ['key', 'fingerprint', 'until', 'lines'] }
)
/** Frames of units, most of them with one adjustment and texts without escapes. */
export const drawnFrame = fc.record(
  {
    id: text,
    at: instant,
    actor: text,
    events: most<object>(
      adjusted.map((event) => [event]),
      fc.array(fc.oneof(adjusted, other), { maxLength: 3 })
    ),
    answers: most(
      answer.map((one) => [one]),
      fc.array(answer, { maxLength: 3 })
    ),
    decidedOn: rarely(fc.array(fc.tuple(text, text, text), { maxLength: 1 })),
    durable: fc.tuple(instant, instant, instant)
  },
  { requiredKeys: ['id', 'at', 'events'] }
) as unknown as fc.Arbitrary<LoggedUnit>

/** Units of several adjustments, mostly with an answer to each. */
export const drawnBatch = fc
  .array(fc.tuple(adjusted, text, text, instant), { minLength: 1, maxLength: 5 })
  .chain((lines) => {
    const answers = lines.map(([, key, fingerprint, until], index) => ({
      ...{ key, fingerprint, until },
      lines: [index]
    }))
    const plain = { events: lines.map(([event]) => event) }
    return fc.record(
      {
        id: text,
        at: instant,
        actor: text,
        plain: fc.constant(plain),
        answers: fc.oneof(
          fc.constant(answers),
          fc.constant(answers.map((one) => ({ ...one, until: 900 }))),
          fc.constant(answers.slice(1))
        ),
        durable: fc.tuple(instant, instant, instant)
      },
      { requiredKeys: ['id', 'at', 'plain'] }
    )
  })
  .map(({ plain, ...rest }) => ({ ...rest, ...plain })) as unknown as fc.Arbitrary<LoggedUnit>
