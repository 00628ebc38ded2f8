import type { StockEvent } from '../../plugins/schemas/history.ts'
import { nameOf, type Target } from './asked.ts'

/** Units that are held until an instant, for ever where there is none. */
export interface Held {
  readonly id: string
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** The record from one change to the next. */
export interface Version {
  readonly version: number
  readonly qty: number
  readonly reserved: number
  readonly exists: boolean
  readonly held: readonly Held[]
  /** Whether nobody asked for the change: a reservation came to its end. */
  readonly isExpiry: boolean
  /** The step at which the change, or one before it, was first asked for. */
  readonly askedAt: number
}

const nothing: Version = {
  version: 0,
  qty: 0,
  reserved: 0,
  exists: false,
  held: [],
  isExpiry: false,
  askedAt: 0
}

interface Step {
  readonly delta: number
  readonly held: readonly Held[]
  readonly exists: boolean
}

/** One record as its events say, each checked against what the events before it make of it. It knows no code of the service. */
export class RecordHistory {
  readonly target: Target
  readonly #versions: Version[] = [nothing]

  constructor(target: Target) {
    this.target = target
  }

  get newest(): Version {
    return this.#versions.at(-1) ?? nothing
  }

  /** Undefined where no event has made it. */
  at(version: number): Version | undefined {
    return this.#versions[version]
  }

  /** The versions that may have been the present one from `floor` until a question of that step was answered. */
  within(floor: number, answeredAt: number): readonly Version[] {
    return this.#versions
      .slice(floor)
      .filter(({ version, askedAt }) => version === floor || askedAt <= answeredAt)
  }

  /** Takes the record's next event; returns what is wrong with it. */
  take({ version, timestamp, data }: StockEvent, askedAt: number | undefined): string[] {
    const before = this.newest
    const faults: string[] = []
    const say = (text: string): void => {
      faults.push(`${nameOf(this.target)} version ${version}: ${text}`)
    }
    const step = stepOf(before, data, Date.parse(timestamp), say)
    const reserved = step.held.reduce((sum, { units }) => sum + units, 0)
    const qty = before.qty + step.delta
    if (version !== before.version + 1) say(`follows version ${before.version}`)
    if (data.delta !== step.delta) say(`${data.type} changes qty by ${data.delta}, not ${step.delta}`)
    if (data.qty !== qty) say(`qty is ${data.qty}, not ${qty}`)
    if (data.reserved !== reserved) say(`reserved is ${data.reserved}, not ${reserved}`)
    if (data.qty < 0 || !Number.isSafeInteger(data.qty)) say(`qty is ${data.qty}`)
    const { held, exists } = step
    const isExpiry = data.type === 'expired'
    const stock = { version, qty: data.qty, reserved: data.reserved, exists, held, isExpiry }
    this.#versions.push({ ...stock, askedAt: Math.max(before.askedAt, askedAt ?? 0) })
    return faults
  }
}

function stepOf(
  before: Version,
  { type, delta, qty, reservationId = '', units = 0, expiresAt }: StockEvent['data'],
  at: number,
  say: (text: string) => void
): Step {
  const { held } = before
  const found = held.find(({ id }) => id === reservationId)
  const end = expiresAt === undefined ? Infinity : Date.parse(expiresAt)
  const isOver = found !== undefined && found.expiresAt <= at
  switch (type) {
    case 'adjusted':
      if (delta === 0) say('nothing was adjusted')
      return { delta, held, exists: true }
    case 'reserved':
      if (found !== undefined) say(`${reservationId} was made twice`)
      return { delta: -units, held: [...held, { id: reservationId, units, expiresAt: end }], exists: true }
    case 'extended':
      if (found?.units !== units || isOver) say(`${reservationId} is extended, and does not hold ${units}`)
      return { delta: 0, held: withHeld(held, { id: reservationId, units, expiresAt: end }), exists: true }
    case 'released':
    case 'committed':
    case 'expired': {
      const left = (found?.units ?? 0) - units
      if (found === undefined || left < 0) say(`${reservationId} does not hold ${units}`)
      if (isOver !== (type === 'expired'))
        say(`${reservationId} is ${type} at ${at}, its end being ${found?.expiresAt}`)
      const rest = withHeld(held, { id: reservationId, units: left, expiresAt: found?.expiresAt ?? Infinity })
      return { delta: type === 'committed' ? 0 : units, held: rest, exists: true }
    }
    case 'product_created':
      if (before.exists) say('it was created, and was there')
      return { delta: qty - before.qty, held, exists: true }
    case 'product_modified':
      return { delta: qty - before.qty, held, exists: true }
    case 'product_deleted':
      return { delta: -before.qty, held, exists: false }
    default:
      throw new Error(`an event of the unknown type ${String(type satisfies never)}`)
  }
}

function withHeld(held: readonly Held[], changed: Held): readonly Held[] {
  return held.map((one) => (one.id === changed.id ? changed : one)).filter(({ units }) => units > 0)
}
