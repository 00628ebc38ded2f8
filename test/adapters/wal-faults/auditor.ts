// An auditor who knows the units that were asked and what was answered, and judges a ledger by its feed alone.
import assert from 'node:assert/strict'
import type { Ledger } from '../../../domain/ledger.ts'
import type { LineResult, Outcome, SequencedEvent } from '../../../domain/unit.ts'
import { RecordModel } from '../../domain/record-model.ts'
import type { Asked } from './machine.ts'
import type { PlannedUnit } from './workload.ts'

const everything = 1_000_000

interface UnitEvents {
  readonly unitId: string
  readonly at: number
  readonly byReference: Map<string, SequencedEvent>
  readonly last: Map<string, SequencedEvent>
}

/**
 * Asserts that the ledger holds every acknowledged change once, as it was answered; every other unit wholly or not at
 * all; sequences and versions without gaps; and the quantities that plain arithmetic gives for the units in it.
 */
export async function audit(ledger: Ledger, asked: readonly Asked[]): Promise<void> {
  const events = await ledger.read(1, everything)
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => index + 1),
    'sequences from 1 without gaps'
  )
  assert.equal(ledger.health().sequence, events.length)
  const units = byUnit(events)
  const planned = new Map(asked.map((one) => [one.planned.name, one.planned]))
  const models = new Map<string, RecordModel>()
  const seen = new Map<string, UnitEvents>()
  for (const unit of units) {
    const name = nameOf([...unit.byReference.keys()][0] ?? '')
    const asPlanned = planned.get(name)
    assert.ok(asPlanned, `unit ${unit.unitId} was asked for`)
    assert.ok(!seen.has(name), `unit ${name} took effect once`)
    seen.set(name, unit)
    recalculate(unit, asPlanned, models)
  }
  for (const { planned: one, outcome } of asked)
    if (outcome !== undefined) compare(one, outcome, seen.get(one.name))
  await compareRecords(ledger, events, models)
}

/** Asserts that every keyed unit that was answered is answered again, word for word, and that it changes nothing. */
export async function auditReplays(ledger: Ledger, asked: readonly Asked[]): Promise<number> {
  const { sequence } = ledger.health()
  let count = 0
  for (const { planned, outcome } of asked) {
    if (outcome === undefined || !planned.isKeyed) continue
    assertReplay(await ledger.execute(planned.unit), outcome, planned.name)
    count += 1
  }
  assert.equal(ledger.health().sequence, sequence, 'replays change nothing')
  return count
}

/** Asserts that within one run a retried unit got the first answer again. */
export function auditRetries(asked: readonly Asked[]): void {
  const first = new Map<string, Outcome>()
  for (const { planned, outcome } of asked) {
    if (outcome === undefined) continue
    const earlier = first.get(planned.name)
    if (earlier === undefined) first.set(planned.name, outcome)
    else assertReplay(outcome, earlier, planned.name)
  }
}

function assertReplay(again: Outcome, first: Outcome, name: string): void {
  assert.ok(again.kind === 'answered' && first.kind === 'answered', `${name} has an answer`)
  if (again.replayed) {
    assert.deepEqual(again.answer, first.answer, `the first answer of ${name}, word for word`)
    return
  }
  const asReplays = first.answer.results.map((result) => ({ ...result, replayed: true }))
  assert.deepEqual(
    again.answer.results,
    asReplays,
    `the first answers of the lines of ${name}, word for word`
  )
}

function byUnit(events: readonly SequencedEvent[]): UnitEvents[] {
  const units: UnitEvents[] = []
  for (const event of events) {
    let unit = units.at(-1)
    if (unit?.unitId !== event.unitId) {
      unit = { unitId: event.unitId, at: event.at, byReference: new Map(), last: new Map() }
      units.push(unit)
    }
    const { reference, storeId, sku } = event.event
    unit.last.set(`${storeId} ${sku}`, event)
    if (reference === undefined) {
      assert.equal(event.event.type, 'expired', 'only an expiry was asked for by nobody')
      continue
    }
    assert.ok(!unit.byReference.has(reference), `${reference} took effect once`)
    unit.byReference.set(reference, event)
  }
  return units
}

/** Lets plain arithmetic decide the unit at its place in the feed: the same lines must have taken effect. */
function recalculate(
  unit: UnitEvents,
  { name, unit: asked }: PlannedUnit,
  models: Map<string, RecordModel>
): void {
  assert.equal(unit.at, asked.at)
  const expected: string[] = []
  for (const { command } of asked.lines) {
    const record = `${command.storeId} ${command.sku}`
    const model = models.get(record) ?? new RecordModel()
    models.set(record, model)
    if (model.carryOut(command, asked.at) === undefined) expected.push(command.reference ?? '')
  }
  assert.deepEqual([...unit.byReference.keys()], expected, `${name} is there as a whole`)
  if (asked.atomic) assert.equal(expected.length, asked.lines.length, `all lines of the atomic ${name}`)
  for (const [record, { event }] of unit.last) {
    const { qty, reserved, version } = event
    assert.deepEqual(
      { qty, reserved, version },
      models.get(record)?.view(asked.at),
      `${record} after ${name}`
    )
  }
}

/** The answer against what the feed shows; of a retry that was answered anew there is no more than of the first try. */
function compare({ name, unit }: PlannedUnit, outcome: Outcome, found: UnitEvents | undefined): void {
  assert.equal(outcome.kind, 'answered', `${name} has an answer`)
  if (outcome.kind !== 'answered') return
  const { results, refusedLine } = outcome.answer
  if (refusedLine !== undefined) {
    assert.equal(found, undefined, `nothing of the refused ${name} is there`)
    return
  }
  assert.equal(results.length, unit.lines.length)
  for (const [index, result] of results.entries()) {
    const reference = unit.lines[index]?.command.reference ?? ''
    const event = found?.byReference.get(reference)
    assert.equal(event !== undefined, result.applied, `${reference}: applied ${result.applied}`)
    if (result.applied && event !== undefined) compareLine(result, event)
  }
}

function compareLine(
  { record }: Extract<LineResult, { applied: true }>,
  { event, at }: SequencedEvent
): void {
  const { storeId, sku, qty, reserved, version } = event
  assert.deepEqual(record, { storeId, sku, qty, reserved, version, updatedAt: at })
}

async function compareRecords(
  ledger: Ledger,
  events: readonly SequencedEvent[],
  models: Map<string, RecordModel>
): Promise<void> {
  const at = Math.max(0, ...events.map((event) => event.at))
  for (const [name, model] of models) {
    const [storeId = '', sku = ''] = name.split(' ')
    const found = await ledger.get(storeId, sku, at)
    const { version } = model.view(at)
    if (version === 0) {
      assert.equal(found, undefined)
      continue
    }
    const { qty, reserved } = found ?? {}
    assert.deepEqual({ qty, reserved, version: found?.version }, model.view(at), `${name} as it is read`)
    const history = await ledger.history({ storeId, sku, limit: everything })
    const versions = history?.events.map(({ event }) => event.version).reverse()
    assert.deepEqual(
      versions,
      Array.from({ length: version }, (_, index) => index + 1),
      'versions without gaps'
    )
  }
}

function nameOf(reference: string): string {
  return reference.slice(0, reference.indexOf('/'))
}
