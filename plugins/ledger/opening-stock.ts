import { createHash } from 'node:crypto'
import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import type { Ledger } from '../../domain/ledger.ts'
import type { Line } from '../../domain/unit.ts'
import { Sku, StoreId, Units } from '../schemas/values.ts'

const closed = { additionalProperties: false }

export const OpeningStock = Type.Object(
  {
    records: Type.Array(Type.Object({ storeId: StoreId, sku: Sku, qty: Units }, closed), {
      minItems: 1,
      maxItems: 10_000
    })
  },
  closed
)

/** Long enough for two servers that start on one empty ledger at once; after that the ledger is not empty. */
const rememberedMs = 24 * 60 * 60 * 1000

/** Stock that cannot be loaded; the message says what is wrong where. */
export class OpeningStockError extends Error {
  override readonly name = 'OpeningStockError'
}

/** Reads an opening stock: `{"records": [{"storeId", "sku", "qty"}]}`. Throws an OpeningStockError. */
export function parseOpeningStock(text: string): Static<typeof OpeningStock> {
  let stock: unknown
  try {
    stock = JSON.parse(text)
  } catch (error) {
    throw new OpeningStockError(`it is no JSON (${(error as Error).message})`)
  }
  const validate = new Ajv({ keywords: ['x-requirement'], validateSchema: false, meta: false }).compile<
    Static<typeof OpeningStock>
  >(OpeningStock)
  if (validate(stock)) return stock
  const { instancePath = '', message = 'is not valid' } = validate.errors?.[0] ?? {}
  throw new OpeningStockError(`${instancePath === '' ? 'the document' : instancePath} ${message}`)
}

/**
 * Puts the stock into the ledger unless that holds anything, in one atomic unit under a key of its own: a crash on the
 * way leaves the ledger empty, and of two servers that start together one loads it. Returns whether it was loaded here.
 */
export async function loadOpeningStock(ledger: Ledger, text: string, at: number): Promise<boolean> {
  const { records } = parseOpeningStock(text)
  if (ledger.health().sequence > 0) return false
  const lines = records.map(({ storeId, sku, qty }): Line => ({
    command: {
      type: 'adjust',
      storeId,
      sku,
      delta: qty,
      precondition: { kind: 'absent' },
      reason: 'opening stock'
    }
  }))
  const fingerprint = createHash('sha256').update(text).digest('base64url')
  const identity = { key: 'service opening-stock', fingerprint, until: at + rememberedMs }
  const outcome = await ledger.execute({ at, lines, atomic: true, identity, actor: 'opening stock' })
  if (outcome.kind === 'key_conflict') return false
  const { refusedLine } = outcome.answer
  if (refusedLine === undefined) return !outcome.replayed
  const { storeId, sku } = records[refusedLine] ?? { storeId: '', sku: '' }
  throw new OpeningStockError(`/records/${refusedLine} names ${JSON.stringify([storeId, sku])} again`)
}
