import fc from 'fast-check'
import type { Command, Precondition } from '../../domain/commands.ts'
import { decide, type Decision, type DecisionContext } from '../../domain/decider.ts'
import type { StockEvent } from '../../domain/events.ts'
import { evolve } from '../../domain/evolution.ts'
import { initial, type RecordState } from '../../domain/record.ts'
import { sku, storeId } from './decider-specification.ts'

/** What is asked next, in terms of what went before, so that a shrunk run still makes sense. */
export interface Step {
  readonly at: number
  readonly type: Command['type']
  readonly units: number
  readonly negative: boolean
  /** Picks a reservation asked for earlier, or one never asked for. */
  readonly pick: number
  readonly expiresAt?: number
  readonly part: boolean
  /** Whether a record that is not there is left so, by an adjustment. */
  readonly existingOnly: boolean
  readonly asks?: Precondition['kind']
  /** How far the version asked for is from the present one. */
  readonly staleness: number
}

export interface Turn {
  readonly before: RecordState
  readonly command: Command
  readonly context: DecisionContext
  readonly decision: Decision
}

const latest = 200

export const instants = fc.integer({ min: 0, max: latest + 20 })

/** Instants are drawn anew for each step: the clock jumps ahead and back. */
export const steps = fc.array(
  fc.record<Step>(
    {
      at: instants,
      type: fc.constantFrom(
        ...(['adjust', 'adjust', 'adjust', 'adjust', 'reserve', 'reserve', 'reserve', 'reserve'] as const),
        ...(['release', 'release', 'commit', 'commit', 'extend', 'extend', 'expire'] as const),
        ...(['create_product', 'set_product', 'delete_product'] as const)
      ),
      units: fc.oneof(
        { arbitrary: fc.integer({ min: 1, max: 9 }), weight: 30 },
        {
          arbitrary: fc.integer({ min: Number.MAX_SAFE_INTEGER - 9, max: Number.MAX_SAFE_INTEGER }),
          weight: 1
        }
      ),
      negative: fc.boolean(),
      pick: fc.nat(30),
      expiresAt: fc.integer({ min: 0, max: latest }),
      part: fc.boolean(),
      existingOnly: fc.boolean(),
      asks: fc.constantFrom('version', 'versions', 'exists', 'absent'),
      staleness: fc.constantFrom(0, 0, 0, 1, -1)
    },
    { requiredKeys: ['at', 'type', 'units', 'negative', 'pick', 'part', 'existingOnly', 'staleness'] }
  ),
  { maxLength: 40, size: 'max' }
)

/** The command that the n-th step asks of a record at `version`; the n-th step reserves under `r-n`. */
export function commandOf(step: Step, index: number, version: number): Command {
  const precondition = preconditionOf(step, version)
  const target = { storeId, sku, ...(precondition === undefined ? undefined : { precondition }) }
  switch (step.type) {
    case 'adjust': {
      const { existingOnly } = step
      return { ...target, type: 'adjust', delta: step.negative ? -step.units : step.units, existingOnly }
    }
    case 'create_product':
      return { ...target, type: step.type, name: `n-${index}`, available: step.units, price: step.pick }
    case 'set_product': {
      const given = step.part ? { available: step.units } : { name: `n-${index}`, price: step.pick }
      return { ...target, type: step.type, ...given }
    }
    case 'delete_product':
      return { ...target, type: step.type }
    case 'reserve': {
      const expiry = step.expiresAt === undefined ? undefined : { expiresAt: step.expiresAt }
      return { ...target, type: 'reserve', qty: step.units, reservationId: `r-${index}`, ...expiry }
    }
    case 'extend': {
      const reservationId = `r-${index === 0 ? 0 : step.pick % index}`
      return { ...target, type: 'extend', reservationId, expiresAt: step.expiresAt ?? latest }
    }
    case 'expire':
      return { ...target, type: 'expire', countMax: step.part ? 1 : 100 }
    case 'release':
    case 'commit': {
      const reservationId = `r-${index === 0 ? 0 : step.pick % index}`
      const qty = step.part ? { qty: step.units } : undefined
      return { ...target, type: step.type, reservationId, ...qty }
    }
    default:
      return step.type satisfies never
  }
}

/** Decides each step on what the steps before it led to; the n-th is the unit `w-n`. */
export function trajectory(walked: readonly Step[]): Turn[] {
  let before = initial(storeId, sku)
  return walked.map((step, index) => {
    const command = commandOf(step, index, before.version)
    const context = { unitId: `w-${index}`, at: step.at }
    const decision = decide(before, command, context)
    const turn = { before, command, context, decision }
    if (decision.accepted) before = decision.state
    return turn
  })
}

/** The state that events of one unit lead to. */
export function evolveAll(
  state: RecordState,
  events: readonly StockEvent[],
  { unitId, at }: DecisionContext
): RecordState {
  return events.reduce((current, event) => evolve(current, event, unitId, at), state)
}

export function eventsOf(decision: Decision): readonly StockEvent[] {
  return decision.accepted ? decision.events : []
}

function preconditionOf(step: Step, version: number): Precondition | undefined {
  if (step.asks === undefined) return undefined
  // Most steps must be decided on their merits, so one that could only conflict asks for nothing.
  if (step.asks === 'absent' && version > 0 && step.pick % 4 > 0) return undefined
  const asked = version + step.staleness
  if (step.asks === 'version') return { kind: 'version', version: asked }
  return step.asks === 'versions' ? { kind: 'versions', versions: [asked] } : { kind: step.asks }
}
