import { deepStrictEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { CentralModel, CentralModelError } from '../../domain/central-model.ts'
import type { Command } from '../../domain/commands.ts'
import type { StockEvent } from '../../domain/events.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import { holdsAsynchronously } from './property.ts'

const stores = ['S1', 'S2', '__proto__']
const skus = ['A', 'a', '']

const commands = fc.array(
  fc.record({
    storeId: fc.constantFrom(...stores),
    sku: fc.constantFrom(...skus),
    type: fc.constantFrom(
      ...(['adjust', 'adjust', 'reserve', 'release', 'commit'] as const),
      ...(['create_product', 'set_product', 'delete_product'] as const)
    ),
    units: fc.integer({ min: 1, max: 9 }),
    negative: fc.boolean(),
    pick: fc.nat(40)
  }),
  { maxLength: 60, size: 'max' }
)
type Step = (typeof commands extends fc.Arbitrary<infer Steps> ? Steps : never) extends (infer One)[]
  ? One
  : never

function commandOf({ storeId, sku, type, units, negative, pick }: Step, index: number): Command {
  const target = { storeId, sku }
  switch (type) {
    case 'adjust':
      return { ...target, type, delta: negative ? -units : units }
    case 'reserve':
      return { ...target, type, qty: units, reservationId: `r-${index}` }
    case 'release':
    case 'commit':
      return { ...target, type, reservationId: `r-${index === 0 ? 0 : pick % index}` }
    case 'create_product':
      return { ...target, type, name: 'n', available: units, price: 1 }
    case 'set_product':
      return { ...target, type, available: units }
    case 'delete_product':
      return { ...target, type }
    default:
      return type satisfies never
  }
}

async function eventsOf(
  steps: readonly Step[]
): Promise<{ ledger: MemoryLedger; events: readonly SequencedEvent[] }> {
  const ledger = new MemoryLedger()
  for (const [index, step] of steps.entries()) {
    await ledger.execute({ at: index, lines: [{ command: commandOf(step, index) }], atomic: false })
  }
  return { ledger, events: await ledger.read(1, 10_000) }
}

function modelOf(events: readonly SequencedEvent[]): CentralModel {
  const model = new CentralModel()
  for (const event of events) model.apply(event)
  return model
}

/** Everything that readers can see of a model. */
const visible = (model: CentralModel) => [model.sequence, model.list(undefined, 1000), model.outOfStep]

t.test('the model of a ledger', async (t) => {
  await holdsAsynchronously(
    t,
    'sum over the stores = the central total at the same sequence, and both are what the ledger says',
    fc.asyncProperty(commands, async (steps) => {
      const { ledger, events } = await eventsOf(steps)
      const model = modelOf(events)
      equal(model.sequence, ledger.health().sequence)
      const totals = new Map<string, number>()
      for (const storeId of stores) {
        const { records } = await ledger.list({ storeId, limit: 1000 }, steps.length)
        for (const { sku, qty, reserved, version, updatedAt } of records) {
          totals.set(sku, (totals.get(sku) ?? 0) + qty)
          const stock = model.get(sku)?.stores.find(([id]) => id === storeId)
          deepStrictEqual(stock?.[1], { qty, reserved, version, updatedAt })
        }
      }
      const { items, hasMore } = model.list(undefined, 1000)
      equal(hasMore, false)
      deepStrictEqual(new Map(items.map(({ sku, total }) => [sku, total])), totals)
      for (const { stores: held, total } of items)
        equal(
          total,
          held.reduce((sum, [, { qty }]) => sum + qty, 0)
        )
      deepStrictEqual(
        items.map(({ sku }) => sku),
        [...totals.keys()].sort()
      )
    })
  )
  await holdsAsynchronously(
    t,
    'kept at any place and restored, it goes on to the same',
    fc.asyncProperty(commands, fc.nat(60), fc.boolean(), async (steps, cut, listedBefore) => {
      const { events } = await eventsOf(steps)
      const first = modelOf(events.slice(0, cut))
      if (listedBefore) first.list(undefined, 1)
      const records = [...first.records()].map((record) => ({ ...record }))
      const restored = new CentralModel({ sequence: first.sequence, records, outOfStep: first.outOfStep })
      equal(restored.recordCount, first.recordCount)
      for (const event of events.slice(cut)) {
        first.apply(event)
        restored.apply(event)
      }
      deepStrictEqual(visible(restored), visible(modelOf(events)))
      deepStrictEqual(visible(first), visible(restored))
    })
  )
  await holdsAsynchronously(
    t,
    'an event left out is made up for by any later one of its record, in the end nothing is missing',
    fc.asyncProperty(commands, fc.array(fc.nat(60), { maxLength: 8 }), async (steps, places) => {
      const { events } = await eventsOf(steps)
      const model = new CentralModel()
      const lost = new Set(places)
      const left = events.filter((event, index) => {
        if (lost.has(index)) model.leaveOut(event)
        else model.apply(event)
        return lost.has(index)
      })
      const whole = modelOf(events)
      const marked = new Set(model.outOfStep.map(({ storeId, sku }) => `${storeId} ${sku}`))
      for (const { sku, stores: held } of whole.list(undefined, 1000).items) {
        for (const [storeId, stock] of held) {
          if (marked.has(`${storeId} ${sku}`)) continue
          deepStrictEqual(new Map(model.get(sku)?.stores).get(storeId), stock)
        }
      }
      for (const event of left) model.makeUpFor(event)
      deepStrictEqual(visible(model), visible(whole))
    })
  )
})

const adjusted: StockEvent = {
  type: 'adjusted',
  storeId: 'S1',
  sku: 'A',
  base: '',
  delta: 5,
  qty: 5,
  reserved: 0,
  version: 1
}
const sequenced = (sequence: number, changes: Partial<StockEvent> = {}): SequencedEvent => ({
  sequence,
  at: sequence,
  unitId: `w-${sequence}`,
  event: { ...adjusted, ...changes } as StockEvent
})

t.test('an event that does not follow is refused and changes nothing', async (t) => {
  const model = modelOf([sequenced(1)])
  const before = visible(model)
  for (const [event, code] of [
    [sequenced(1, { version: 2 }), 'sequence'],
    [sequenced(3, { version: 2, qty: 10 }), 'sequence'],
    [sequenced(2, { version: 1, qty: 10 }), 'version'],
    [sequenced(2, { version: 3, qty: 10 }), 'version'],
    [sequenced(2, { version: 2, qty: 9 }), 'quantity'],
    [sequenced(2, { version: 2, qty: -1, delta: -6 }), 'quantity'],
    [sequenced(2, { version: 2, qty: 5.5, delta: 0.5 }), 'quantity'],
    [sequenced(2, { version: 2, qty: 10, reserved: 1 }), 'quantity'],
    [sequenced(2, { version: 2, qty: 2 ** 53, delta: 2 ** 53 - 5 }), 'quantity'],
    [sequenced(2, { version: 2, type: 'product_deleted', qty: 1, delta: -4 }), 'quantity']
  ] as const) {
    t.throws(() => model.apply(event), { name: 'CentralModelError', code })
    t.strictSame(visible(model), before)
  }
  t.throws(() => model.leaveOut(sequenced(3)), CentralModelError)
  t.strictSame(visible(model), before)
})

t.test('a deleted record leaves the stores of its SKU, and its version goes on', async (t) => {
  const model = modelOf([
    sequenced(1),
    sequenced(2, { type: 'product_deleted', version: 2, qty: 0, delta: -5 })
  ])
  t.equal(model.get('A'), undefined)
  t.strictSame(model.list(undefined, 10), { items: [], hasMore: false })
  t.throws(() => model.apply(sequenced(3, { version: 3 })), { code: 'existence' })
  model.apply(sequenced(3, { type: 'product_created', version: 3 } as never))
  t.match(model.get('A'), { total: 5, stores: [['S1', { version: 3 }]] })
})

t.test('what is made up for out of order does not undo what came later', async (t) => {
  const model = modelOf([sequenced(1)])
  const second = sequenced(2, { version: 2, qty: 10 })
  const third = sequenced(3, { version: 3, qty: 15 })
  model.leaveOut(second)
  model.leaveOut(third)
  t.equal(model.makeUpFor(third), 'applied')
  t.strictSame(model.outOfStep, [])
  t.equal(model.makeUpFor(second), 'superseded')
  t.equal(model.get('A')?.total, 15)
  t.throws(() => model.apply(sequenced(4, { version: 5, qty: 20 })), { code: 'version' })
})

t.test('pages of SKUs', async (t) => {
  const model = new CentralModel()
  const names = ['c', 'B', 'a', 'b']
  for (const [index, sku] of names.entries()) model.apply(sequenced(index + 1, { sku }))
  const first = model.list(undefined, 3)
  t.strictSame(
    first.items.map(({ sku }) => sku),
    ['B', 'a', 'b']
  )
  t.equal(first.hasMore, true)
  model.apply(sequenced(5, { sku: 'ab' }))
  const rest = model.list('b', 3)
  t.strictSame([rest.items.map(({ sku }) => sku), rest.hasMore], [['c'], false])
})
