import { Type, type SchemaOptions } from '@sinclair/typebox'

/** The longest `storeId`, `sku` or reservation id, in Unicode code points. */
const identifierLength = 128
const remarkLength = 512

// Code points that no text here has: control characters, and halves of surrogate pairs, which UTF-8 cannot carry.
const printable = '[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]'

/** Text that this pattern fits is an identifier: opaque, case-sensitive, nothing trimmed or folded. */
export const identifierPattern = `^${printable}{1,${identifierLength}}$`

export function Identifier(description: string, example: string) {
  return Type.String({
    pattern: identifierPattern,
    'x-requirement': `1 to ${identifierLength} characters without control characters`,
    description,
    examples: [example]
  })
}

function Remark(description: string, example: string) {
  return Type.String({
    pattern: `^${printable}{0,${remarkLength}}$`,
    'x-requirement': `at most ${remarkLength} characters without control characters`,
    description,
    examples: [example]
  })
}

export function WholeNumber(minimum: number, description: string, options: SchemaOptions = {}) {
  return Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description, ...options })
}

export const StoreId = Identifier('The store that the stock is in: opaque, case-sensitive text.', 'STORE001')
export const Sku = Identifier('The stock keeping unit: opaque, case-sensitive text.', 'SKU123')
export const ProductId = Identifier(
  'The product, the SKU of a record of the central pool: opaque, case-sensitive text.',
  'MUG-RED'
)
export const ReservationId = Identifier(
  'The reservation, as reserving answered it.',
  '0197a3b2-6c1e-7d4a-9f00-3b5c8d2e4f61'
)
export const Reason = Remark('Why the stock changes, for people.', 'stocktaking')
export const Reference = Remark('The document that the change belongs to.', 'INV-536365')

export const Name = Type.String({
  pattern: `^${printable}{1,${remarkLength}}$`,
  'x-requirement': `1 to ${remarkLength} characters without control characters`,
  description: 'What the product is called.',
  examples: ['Mug, red']
})
export const Price = Type.Number({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'What one unit costs, in the currency of the chain.',
  examples: [4.5]
})

export const Delta = WholeNumber(-Number.MAX_SAFE_INTEGER, 'Units that come (positive) or go (negative).', {
  not: { const: 0 },
  'x-requirement': 'other than 0',
  examples: [-2]
})
export const Units = WholeNumber(1, 'Units, at least 1.', { examples: [5] })
export const Qty = WholeNumber(0, 'Units that can still be promised.', { examples: [100] })
export const Reserved = WholeNumber(0, 'Units that open reservations hold.', { examples: [0] })
export const Version = WholeNumber(0, 'Changes that the record has seen; 0 where it does not exist.', {
  examples: [1]
})
export const ExpectedVersion = WholeNumber(
  0,
  'The version that the record must have, 0 for none: as If-Match and If-None-Match: * would say.',
  { examples: [1] }
)
const ttlMsMax = 31 * 24 * 60 * 60 * 1000
export const TtlMs = Type.Integer({
  minimum: 1,
  maximum: ttlMsMax,
  description:
    'Milliseconds after which the reservation holds nothing any more, up to 31 days; never if left out.',
  examples: [900_000]
})
export const ExtensionMs = Type.Integer({
  minimum: 1,
  maximum: ttlMsMax,
  description: 'Milliseconds from now after which the reservation holds nothing any more, up to 31 days.',
  examples: [900_000]
})
export const reservationStatuses = ['open', 'released', 'committed', 'expired'] as const
export const ReservationStatus = Type.Unsafe<(typeof reservationStatuses)[number]>({
  type: 'string',
  enum: reservationStatuses,
  default: 'open',
  description:
    'open as long as it holds units, else what became of the last ones: released, committed or, its time having passed, expired.'
})
export const Instant = (description: string) =>
  Type.String({
    format: 'date-time',
    description: `${description}, UTC with milliseconds.`,
    examples: ['2026-01-15T09:30:00.000Z']
  })

/** As the header of the same name: RFC 9110 leaves no room for anything but visible ASCII. */
export const LineKey = Type.String({
  pattern: '^[!-~]{1,255}$',
  'x-requirement': '1 to 255 visible ASCII characters',
  description: 'Makes this one movement happen at most once, whatever batch it is sent in.',
  examples: ['online-retail:536365:1']
})

/** Where a page starts, as the page before it said; opaque. */
export const Cursor = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,1024}$',
  'x-requirement': 'a cursor that an earlier page answered',
  description: 'The nextCursor of the page before; the first page without it.'
})
export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1000,
  default: 100,
  description: 'The most items of a page.'
})
