import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import { canonicalIntegerOr } from '../schemas/canonical-integer.ts'
import { isTelling, readable } from './readable-errors.ts'

/** A body with more values than this has its first mistake named, a smaller one all of them. */
const thoroughlyCheckedValues = 2000

/** How everything that somebody sends is looked at: nothing is converted, filled in or left out. */
export const strict: Options = {
  removeAdditional: false,
  coerceTypes: false,
  useDefaults: false,
  strict: true,
  strictRequired: false,
  discriminator: true,
  verbose: true,
  // A test compiles each of them, and has the document checked that they make: a start need not do it again.
  validateSchema: false,
  meta: false,
  keywords: ['x-requirement', 'example']
}

interface Validator {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}

/**
 * `schemas` are those that others refer to by their `$id`. Each is compiled when the first value comes, as most processes
 * serve few of the operations and a start has better things to do; and never again, whichever service of the process asks.
 */
export function validatorCompiler(schemas: readonly object[]): FastifySchemaCompiler<object> {
  const first = new Ajv({ ...strict, allErrors: false, schemas: [...schemas] })
  let every: Ajv | undefined
  return ({ schema, httpPart }) => {
    // Most requests are right: what tells all mistakes of one is made when the first wrong one comes.
    const validate = validator(
      () => first.compile(schema),
      (data) => {
        every ??= new Ajv({ ...strict, allErrors: true, schemas: [...schemas] })
        const check = every.compile(schema)
        return check(data) ? [] : (check.errors ?? [])
      }
    )
    return httpPart === 'querystring' ? withNumbers(validate, schema) : validate
  }
}

/**
 * Stops at the first mistake, so that a hostile body cannot have a million of them listed, and looks for the others
 * only in what is small.
 */
function validator(compile: () => ValidateFunction, every: (data: unknown) => ErrorObject[]): Validator {
  let first: ValidateFunction | undefined
  const validate: Validator = (data) => {
    first ??= compile()
    if (first(data)) return true
    const isLarge = hasMoreValues(data, thoroughlyCheckedValues)
    const errors = isLarge ? (first.errors ?? []) : every(data)
    validate.errors = errors.filter(isTelling).map(readable)
    return false
  }
  return validate
}

function withNumbers(validate: Validator, schema: object): Validator {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  const numbers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer')
  const validateQuery: Validator = (data) => {
    const query = data as Record<string, unknown>
    for (const name of numbers) {
      if (query[name] !== undefined) query[name] = canonicalIntegerOr(query[name])
    }
    const valid = validate(query)
    validateQuery.errors = validate.errors ?? null
    return valid
  }
  return validateQuery
}

function hasMoreValues(data: unknown, limit: number): boolean {
  const waiting = [data]
  for (let seen = 0; waiting.length > 0; seen++) {
    if (seen + waiting.length > limit) return true
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    const children: unknown[] = Object.values(value)
    if (children.length > limit) return true
    waiting.push(...children)
  }
  return false
}
