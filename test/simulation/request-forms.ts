import type { Asked, AskedLine, Effect, Target } from './asked.ts'

const json = { 'content-type': 'application/json' }
const movementsPath = '/api/inventory/movements'

/** The path of a record in the store API. */
export function recordPath({ storeId, sku }: Target): string {
  return `${storePath(storeId)}/${encodeURIComponent(sku)}`
}

export function storePath(storeId: string): string {
  return `/api/inventory/stores/${encodeURIComponent(storeId)}/inventory`
}

/** One change of one record, the expected version in the body or, where it is a header, as If-Match. */
export function singleChange(
  name: string,
  line: AskedLine,
  { hasKey, isHeader }: { hasKey: boolean; isHeader: boolean }
): Asked {
  const { expectedVersion } = line
  // Releases and commits take a version in the header only; a header cannot say that there is none yet.
  const inHeader = isHeader && expectedVersion !== undefined && expectedVersion > 0
  const body = {
    ...bodyOf(line),
    ...(expectedVersion !== undefined && !inHeader && { expectedVersion }),
    ...(!hasKey && { reference: name })
  }
  const extension = line.type === 'extend' ? `reservations/${encodeURIComponent(line.reservationId)}/` : ''
  return {
    form: 'single',
    message: {
      method: 'POST',
      url: `${recordPath(line)}/${extension}${line.type}`,
      headers: {
        ...json,
        ...(hasKey && { 'idempotency-key': name }),
        ...(inHeader && { 'if-match': `"${expectedVersion}"` })
      },
      body: JSON.stringify(body)
    },
    effects: [{ name, lines: [line], isAtomic: true }],
    isRepeatable: hasKey,
    saysReplayed: hasKey
  }
}

/** Movements in one batch: all or none, each on its own, or each under a key of its own. */
export function batchOfMovements(
  name: string,
  lines: readonly AskedLine[],
  kind: 'atomic' | 'each' | 'keyed'
): Asked {
  const isKeyed = kind === 'keyed'
  const effects: Effect[] = isKeyed
    ? lines.map((line, index) => ({ name: `${name}:${index}`, lines: [line], isAtomic: true }))
    : [{ name, lines, isAtomic: kind === 'atomic' }]
  const movements = lines.map((line, index) => {
    const { type, storeId, sku, expectedVersion } = line
    const own = line.type === 'release' || line.type === 'commit' ? {} : { expectedVersion }
    return {
      type,
      storeId,
      sku,
      ...bodyOf(line),
      ...own,
      ...(isKeyed && { idempotencyKey: `${name}:${index}` })
    }
  })
  return {
    form: 'movements',
    message: {
      method: 'POST',
      url: movementsPath,
      headers: { ...json, ...(!isKeyed && { 'idempotency-key': name }) },
      body: JSON.stringify({ movements, ...(kind === 'atomic' && { atomic: true }) })
    },
    effects,
    isRepeatable: true,
    saysReplayed: !isKeyed
  }
}

/** What a store asks of the central pool: one update, or several, each under its own key. */
export function updateRequest(
  name: string,
  lines: readonly (AskedLine & { type: 'adjust'; expectedVersion: number })[],
  storeId: string,
  isAtomic: boolean
): Asked {
  const updates = lines.map(({ sku: productId, delta, expectedVersion: version }, index) => ({
    productId,
    delta,
    version,
    idempotencyKey: `${name}:${index}`
  }))
  const isSingle = updates.length === 1
  const body = isSingle ? { storeId, ...updates[0] } : { storeId, updates, ...(isAtomic && { atomic: true }) }
  return {
    form: isSingle ? 'update' : 'updates',
    message: {
      method: 'POST',
      url: '/v1/inventory/updates',
      // That none was made is remembered under a key of the whole only.
      headers: { ...json, ...(isAtomic && !isSingle && { 'idempotency-key': name }) },
      body: JSON.stringify(body)
    },
    effects: lines.map((line, index) => ({ name: `${name}:${index}`, lines: [line], isAtomic: true })),
    isRepeatable: true,
    saysReplayed: isSingle || isAtomic
  }
}

const productMethods = { create: 'POST', set: 'PUT', delete: 'DELETE' } as const

/** Products that are made, set or deleted, all in the same way. */
export function productsRequest(name: string, lines: readonly AskedLine[]): Asked {
  const type = lines[0]?.type
  if (type !== 'create' && type !== 'set' && type !== 'delete') throw new RangeError(`no product is ${type}d`)
  const products = lines.map((line) => ({
    productId: line.sku,
    ...('available' in line && { available: line.available }),
    ...(type === 'create' && { name: `Product ${line.sku}`, price: 1.5 }),
    ...(line.expectedVersion !== undefined && { version: line.expectedVersion })
  }))
  const body = type === 'delete' ? { productIds: lines.map(({ sku }) => sku) } : { products }
  return {
    form: 'products',
    message: {
      method: productMethods[type],
      url: `/v1/admin/products/${type}`,
      headers: { ...json, 'idempotency-key': name },
      body: JSON.stringify(body)
    },
    effects: [{ name, lines, isAtomic: false }],
    isRepeatable: true,
    saysReplayed: true
  }
}

function bodyOf(line: AskedLine): object {
  switch (line.type) {
    case 'adjust':
      return { delta: line.delta }
    case 'reserve':
      return { qty: line.units, ...(line.ttlMs !== undefined && { ttlMs: line.ttlMs }) }
    case 'release':
    case 'commit':
      return { reservationId: line.reservationId, ...(line.units !== undefined && { qty: line.units }) }
    case 'extend':
      return { ttlMs: line.ttlMs }
    default:
      throw new RangeError(`${line.type} is no change of a single record`)
  }
}
