import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Unit } from '../../domain/unit.ts'
import { UnitSchema } from './unit.ts'

// The schemas are fixed, and a test compiles them: nobody need look at them at each start.
const ajv = new Ajv({
  strict: true,
  strictRequired: false,
  discriminator: true,
  verbose: true,
  validateSchema: false,
  meta: false,
  keywords: ['x-requirement', 'example']
})

let validate: ValidateFunction | undefined

/** Throws a TypeError that names the first thing that is wrong with the unit. */
export function requireUnit(unit: unknown): asserts unit is Unit {
  validate ??= ajv.compile(UnitSchema)
  if (validate(unit)) return
  const [fault] = validate.errors ?? []
  throw new TypeError(
    `bincard-wal-store: the unit is not valid${fault === undefined ? '' : `: ${said(fault)}`}`
  )
}

function said({
  keyword,
  instancePath,
  parentSchema,
  params,
  message = 'is not valid'
}: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll('/', '.') || 'it'
  const requirement: unknown = parentSchema?.['x-requirement']
  if (typeof requirement === 'string' && (keyword === 'pattern' || keyword === 'not'))
    return `${place} must be ${requirement}`
  const { additionalProperty } = params as { readonly additionalProperty?: string }
  return `${place} ${message}${additionalProperty === undefined ? '' : ` (${additionalProperty})`}`
}
