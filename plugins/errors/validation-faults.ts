import type { FastifySchemaValidationError } from 'fastify'

import { validationError, type ApiError, type FieldFault } from './api-error.ts'

/** An answer lists no more faults than this, however many lines of a batch are wrong. */
const faultsListed = 100

const places: Record<string, FieldFault['in']> = {
  body: 'body',
  params: 'path',
  querystring: 'query',
  headers: 'header'
}

/** What the validator found wrong, each fault once, in its order. */
export function validationErrorOf(
  found: readonly FastifySchemaValidationError[],
  context: string | undefined
): ApiError {
  const place = places[context ?? 'body'] ?? 'body'
  const faults = new Map<string, FieldFault>()
  for (const error of found) {
    const fault = { in: place, field: fieldOf(error), reason: reasonOf(error) }
    faults.set(`${fault.field}\n${fault.reason}`, fault)
  }
  return validationError(messageOf(place, [...faults.values()]), [...faults.values()].slice(0, faultsListed))
}

function messageOf(place: FieldFault['in'], faults: readonly FieldFault[]): string {
  const [first] = faults
  if (first === undefined) return `The ${place} is not valid`
  const subject = first.field === '' ? '' : `${first.field} `
  const others = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return `The ${place} is not valid: ${subject}${first.reason}${others}`
}

function fieldOf({ instancePath, params }: FastifySchemaValidationError): string {
  const steps = instancePath.split('/').slice(1).map(unescaped)
  const named = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  if (typeof named === 'string') steps.push(named)
  return steps.join('.')
}

function reasonOf({ keyword, params, message }: FastifySchemaValidationError): string {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a known field'
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`
    case 'enum':
      return `must be one of ${JSON.stringify(params.allowedValues)}`
    default:
      return message ?? 'is not valid'
  }
}

/** A step of a JSON pointer (RFC 6901, section 4). */
function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
