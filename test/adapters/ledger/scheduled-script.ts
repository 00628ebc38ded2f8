import fc from 'fast-check'
import type { Command } from '../../../domain/commands.ts'
import type { Line, Unit } from '../../../domain/unit.ts'
import { key, storeId } from '../../domain/units.ts'

export const skus = ['a', 'b', 'c'] as const

interface LineStep {
  readonly sku: string
  readonly type: 'adjust' | 'reserve' | 'release' | 'commit'
  readonly units: number
  readonly negative: boolean
  readonly expires: boolean
  /** How far the version asked for is from the last one its client saw. */
  readonly staleness?: number
  /** One of few requests that several clients send under one key. */
  readonly shared?: number
}

interface Call {
  /** The ledger that is asked: a client goes now to one and now to the other, as behind a load balancer. */
  readonly on: 0 | 1
}

export type Step = Call &
  (
    | { readonly kind: 'unit'; readonly atomic: boolean; readonly lines: readonly LineStep[] }
    | { readonly kind: 'shared'; readonly number: number }
    | { readonly kind: 'get' | 'history'; readonly sku: string }
    | { readonly kind: 'list' | 'read' }
  )

const on = fc.constantFrom<0 | 1>(0, 1)
const sku = fc.constantFrom(...skus)
const lineStep = fc.record<LineStep>(
  {
    sku,
    type: fc.constantFrom('adjust', 'adjust', 'adjust', 'reserve', 'release', 'commit'),
    units: fc.integer({ min: 1, max: 4 }),
    negative: fc.boolean(),
    expires: fc.boolean(),
    staleness: fc.constantFrom(0, 0, 1),
    shared: fc.nat(2)
  },
  { requiredKeys: ['sku', 'type', 'units', 'negative', 'expires'] }
)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      on,
      kind: fc.constant('unit' as const),
      atomic: fc.boolean(),
      lines: fc.array(lineStep, { minLength: 1, maxLength: 4 })
    })
  },
  { weight: 1, arbitrary: fc.record({ on, kind: fc.constant('shared' as const), number: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ on, kind: fc.constantFrom('get' as const, 'history' as const), sku }) },
  { weight: 1, arbitrary: fc.record({ on, kind: fc.constantFrom('list' as const, 'read' as const) }) }
)

/** What one client asks for, one after the other. */
export const clientScript = fc.array<Step>(step, { maxLength: 6, size: 'max' })

/** What the clients of a run know of each other's reservations and of the versions they have seen. */
export class Asker {
  #at = 100
  readonly #reservations: { readonly id: string; readonly sku: string }[] = []
  readonly seen = new Map<string, number>()

  /** The next instant; time goes on by one with each call. */
  tick(): number {
    this.#at += 1
    return this.#at
  }

  /** What a run begins with of this SKU. */
  stock(sku: string): Unit {
    const command: Command = { type: 'adjust', storeId, sku, delta: 5, reference: `stock-${sku}` }
    return { at: this.tick(), atomic: false, lines: [{ command }] }
  }

  unit(name: string, step: Extract<Step, { kind: 'unit' }>): Unit {
    const at = this.tick()
    const lines = step.lines.map((line, index) => this.#line(`${name}.${index}`, line, at))
    return { at, atomic: step.atomic, lines }
  }

  /** The request that every client knows by this number. */
  shared(number: number): Unit {
    const reference = `shared-${number}`
    const lines: Line[] = [
      { command: { type: 'adjust', storeId, sku: skus[number % 3]!, delta: 2, reference: `${reference}.0` } },
      { command: { type: 'adjust', storeId, sku: 'a', delta: -3, reference: `${reference}.1` } }
    ]
    return { at: this.tick(), atomic: number === 1, lines, identity: held(reference) }
  }

  #line(name: string, { shared, ...step }: LineStep, at: number): Line {
    if (shared === undefined) return { command: this.#command(name, step, at) }
    const reference = `line-${shared}`
    const command: Command = {
      type: 'adjust',
      storeId,
      sku: skus[shared]!,
      delta: shared - 1 || 5,
      reference
    }
    return { command, identity: held(reference) }
  }

  #command(reference: string, step: Omit<LineStep, 'shared'>, at: number): Command {
    const { sku, type, units, negative, expires, staleness } = step
    const precondition =
      staleness === undefined
        ? undefined
        : { kind: 'versions' as const, versions: [(this.seen.get(sku) ?? 0) + staleness] }
    const target = { storeId, sku, reference, ...(precondition && { precondition }) }
    if (type === 'adjust') return { ...target, type, delta: negative ? -units : units }
    if (type === 'reserve') {
      this.#reservations.push({ id: reference, sku })
      return { ...target, type, qty: units, reservationId: reference, ...(expires && { expiresAt: at + 5 }) }
    }
    const picked = this.#reservations.at(-units)
    const id = { sku: picked?.sku ?? sku, reservationId: picked?.id ?? 'none' }
    return { ...target, ...id, type, ...(negative && { qty: units }) }
  }
}

/** A key that is held for the whole run. */
function held(name: string) {
  return { ...key(name), until: 1_000_000 }
}
