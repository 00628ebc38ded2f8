import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decide } from '../../domain/decider.ts'
import { exists, initial, viewAt } from '../../domain/record.ts'
import type { RefusalCode } from '../../domain/refusals.ts'
import { sku, storeId } from './decider-specification.ts'
import { holds } from './property.ts'
import { RecordModel } from './record-model.ts'
import { commandOf, instants, steps } from './trajectory.ts'

t.test('the decider and an independent model agree on every answer and on every view', async (t) => {
  const met = new Set<RefusalCode | 'accepted' | 'expired'>()
  const property = fc.property(steps, fc.array(instants, { maxLength: 5 }), (walked, looks) => {
    const model = new RecordModel()
    let state = initial(storeId, sku)
    for (const [index, step] of walked.entries()) {
      const command = commandOf(step, index, model.version)
      const expected = model.carryOut(command, step.at)
      const decision = decide(state, command, { unitId: `w-${index}`, at: step.at })
      deepStrictEqual(decision.accepted ? undefined : decision.refusal.code, expected)
      met.add(expected ?? 'accepted')
      if (decision.accepted) {
        state = decision.state
        if (decision.events.length > 1) met.add('expired')
      }
      for (const at of [step.at, ...looks]) {
        const { qty, reserved, version, product } = viewAt(state, at)
        deepStrictEqual({ qty, reserved, version }, model.view(at))
        deepStrictEqual([exists(state), product], [model.exists, model.product])
      }
    }
  })
  holds(t, 'over random commands at random instants', property, 1000)
  t.strictSame(
    [...met].sort(),
    [
      'accepted',
      'already_exists',
      'expired',
      'insufficient_stock',
      'not_found',
      'nothing_expired',
      'quantity_overflow',
      'reservation_exceeded',
      'reservation_not_found',
      'reservations_open',
      'version_conflict'
    ],
    'and the runs met every answer there is'
  )
})
