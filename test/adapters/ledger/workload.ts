import { below, seededRandom, type Random } from '../../../adapters/file-system/seeded-random.ts'
import type { Command } from '../../../domain/commands.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import type { Line, Unit } from '../../../domain/unit.ts'
import { storeId } from '../../domain/units.ts'
import type { Witness } from './witness.ts'

/** Which units a writer asks for: the same ones in the same order for the same seed. */
export interface Workload {
  readonly seed: number
  /** How many records there are; one single record is the hottest. */
  readonly recordCount: number
}

const kinds = ['adjust', 'adjust', 'adjust', 'reserve', 'resolve', 'compare', 'batch', 'atomic'] as const
const heldUntil = Number.MAX_SAFE_INTEGER
/** One request in so many is sent by every writer, under one key. */
const sharedEvery = 10

/**
 * The unit that a writer asks for at an index; the same by every writer where it is a shared one. Every line has a
 * reference of its own. `at`, in milliseconds, grows with the index.
 */
export function unitAt(workload: Workload, writer: number, index: number): Unit {
  const isShared = index % sharedEvery === 0
  const name = isShared ? `shared-${index}` : `w${writer}-${index}`
  const random = randomAt(workload, isShared ? 0 : writer + 1, index)
  const kind = isShared ? 'batch' : kinds[below(kinds.length, random)]!
  const at = 1000 + index
  const identity = { key: `anonymous ${name}`, fingerprint: name, until: heldUntil }
  const keyed = isShared || below(4, random) === 0 ? { identity } : {}
  const line = (nth: number, more: Partial<Line> = {}): Line => ({
    ...more,
    command: adjustment(workload, `${name}.${nth}`, random)
  })
  switch (kind) {
    case 'adjust':
    case 'compare':
      return { at, atomic: false, lines: [line(0)], ...keyed }
    case 'reserve':
      return { at, atomic: false, lines: [{ command: reservation(workload, name, at, random) }], ...keyed }
    case 'resolve':
      return {
        at,
        atomic: false,
        lines: [{ command: resolution(workload, writer, index, random) }],
        ...keyed
      }
    case 'batch': {
      const length = below(20, random) === 0 ? 300 : 2 + below(5, random)
      const lines = Array.from({ length }, (_, nth) => line(nth))
      return { at, atomic: false, lines, ...keyed }
    }
    case 'atomic':
      return { at, atomic: true, lines: transfer(workload, name, random), ...keyed }
    default:
      return kind satisfies never
  }
}

/** What the records begin with: enough for most, not for all. */
export function openingStock({ recordCount }: Workload): Unit {
  const lines = Array.from({ length: recordCount }, (_, number) => ({
    command: {
      type: 'adjust' as const,
      storeId,
      sku: skuOf(number),
      delta: 20,
      reference: `opening-${number}`
    }
  }))
  return { at: 1, atomic: true, lines }
}

/** Has one ledger ask for the units from `first` on, several at once, and now and then reads. */
export async function work(
  {
    witness,
    ledger,
    workload,
    writer
  }: { witness: Witness; ledger: Ledger; workload: Workload; writer: number },
  { first, end, clients }: { first: number; end: number; clients: number }
): Promise<void> {
  let next = first
  const client = async () => {
    for (let index = next++; index < end; index = next++) {
      const unit = unitAt(workload, writer, index)
      await witness.execute(ledger, await comparing(unit, { witness, ledger, workload, writer }, index))
      if (index % 97 === 0) await witness.list(ledger, storeId, skusOf(workload), unit.at)
      if (index % 89 === 0) await witness.history(ledger, storeId, skuOf(0))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

/** Some units of one line without a key are asked for on the condition of the version that was just read. */
async function comparing(
  unit: Unit,
  {
    witness,
    ledger,
    workload,
    writer
  }: { witness: Witness; ledger: Ledger; workload: Workload; writer: number },
  index: number
): Promise<Unit> {
  const [line, ...others] = unit.lines
  const random = randomAt(workload, writer + 1_000, index)
  if (unit.identity !== undefined || line === undefined || others.length > 0 || below(3, random) > 0)
    return unit
  const { command } = line
  const version = (await witness.get(ledger, command.storeId, command.sku, unit.at))?.version ?? 0
  return {
    ...unit,
    lines: [{ command: { ...command, precondition: { kind: 'versions', versions: [version] } } }]
  }
}

export function skusOf({ recordCount }: Workload): string[] {
  return Array.from({ length: recordCount }, (_, number) => skuOf(number))
}

function skuOf(number: number): string {
  return `sku-${number.toString().padStart(5, '0')}`
}

function randomAt({ seed }: Workload, writer: number, index: number): Random {
  return seededRandom(
    Math.imul(seed ^ Math.imul(writer + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  )
}

function adjustment({ recordCount }: Workload, reference: string, random: Random): Command {
  const sku = skuOf(below(recordCount, random))
  const units = 1 + below(5, random)
  return { type: 'adjust', storeId, sku, delta: random() < 0.5 ? units : -units, reference }
}

function reservation({ recordCount }: Workload, name: string, at: number, random: Random): Command {
  const sku = skuOf(below(recordCount, random))
  const expiry = random() < 0.5 ? { expiresAt: at + 1 + below(50, random) } : {}
  return {
    type: 'reserve',
    storeId,
    sku,
    qty: 1 + below(3, random),
    reservationId: name,
    reference: name,
    ...expiry
  }
}

/** Of the last reservation that the writer asked for, be it still open or not. */
function resolution(workload: Workload, writer: number, index: number, random: Random): Command {
  const drawnType = random()
  const type = drawnType < 0.4 ? 'release' : 'commit'
  const reference = `w${writer}-${index}`
  for (let earlier = index - 1; earlier > index - 30 && earlier > 0; earlier -= 1) {
    if (earlier % sharedEvery === 0) continue
    const drawn = randomAt(workload, writer + 1, earlier)
    if (kinds[below(kinds.length, drawn)] !== 'reserve') continue
    const [line] = unitAt(workload, writer, earlier).lines
    if (line?.command.type !== 'reserve') continue
    const { sku, reservationId } = line.command
    if (drawnType > 0.8) {
      const expiresAt = 1000 + index + 1 + below(80, random)
      return { type: 'extend', storeId, sku, reservationId, reference, expiresAt }
    }
    return { type, storeId, sku, reservationId, reference, ...(random() < 0.3 ? { qty: 1 } : {}) }
  }
  return { type, storeId, sku: skuOf(0), reservationId: 'none', reference }
}

/** Some units from one record to another, which may be the same. */
function transfer({ recordCount }: Workload, name: string, random: Random): Line[] {
  const units = 1 + below(5, random)
  const [from, to] = [skuOf(below(recordCount, random)), skuOf(below(recordCount, random))]
  return [
    { command: { type: 'adjust', storeId, sku: from, delta: -units, reference: `${name}.0` } },
    { command: { type: 'adjust', storeId, sku: to, delta: units, reference: `${name}.1` } }
  ]
}
