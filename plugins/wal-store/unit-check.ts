import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Unit } from '../../domain/unit.ts'
import { strict } from '../validation/compiler.ts'
import { readable } from '../validation/readable-errors.ts'
import { UnitSchema } from './unit.ts'

let validate: ValidateFunction | undefined

/** Throws a TypeError that names the first thing that is wrong with the unit. */
export function requireUnit(unit: unknown): asserts unit is Unit {
  validate ??= new Ajv(strict).compile(UnitSchema)
  if (validate(unit)) return
  const [fault] = validate.errors ?? []
  throw new TypeError(
    `bincard-wal-store: the unit is not valid${fault === undefined ? '' : `: ${said(fault)}`}`
  )
}

function said(fault: ErrorObject): string {
  const { instancePath, params, message = 'is not valid' } = readable(fault)
  const place = instancePath.slice(1).replaceAll('/', '.') || 'it'
  const { additionalProperty } = params as { readonly additionalProperty?: string }
  return `${place} ${message}${additionalProperty === undefined ? '' : ` (${additionalProperty})`}`
}
