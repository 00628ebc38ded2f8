import fc, { type Arbitrary } from 'fast-check'
import { bodyMutations } from './body-mutations.ts'
import { headerMutations } from './header-mutations.ts'
import { hints } from './hints.ts'
import type { HttpRequest } from './http-request.ts'
import { malformations, type Malformation } from './malformed-http.ts'
import type { Mutation } from './mutation.ts'
import { operationsOf, type Document, type Operation, type Parameter } from './operations.ts'
import { Recalled, type Recollection, type Scope } from './recalled.ts'
import { SchemaValues } from './schema-values.ts'
import { targetMutations } from './target-mutations.ts'

/** Whose key is sent where callers need one. */
export type ApiKey = 'administrator' | 'caller' | 'unknown' | 'none'

/** What is to be sent, before it is known what the answers until then are. */
export interface RequestPlan {
  readonly operation: Operation
  /** By place and name, such as `path storeId`. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly mutations: readonly Mutation[]
  readonly malformation: Malformation | null
  /** Whether it comes through a socket rather than by `inject`. */
  readonly bySocket: boolean
  readonly apiKey: ApiKey
  /** Send the last request with an idempotency key once more instead. */
  readonly again: boolean
  /** By how much the clock is put forward before it. */
  readonly laterMs: number
}

/** Plans of requests to every operation of the document, valid ones and others. */
export function requestPlans(document: Document): Arbitrary<RequestPlan> {
  const values = new SchemaValues(document, hints)
  return fc.oneof(...operationsOf(document).map((operation) => plansOf(operation, values)))
}

/** Plans of valid requests to one operation. */
function plansOf(operation: Operation, values: SchemaValues): Arbitrary<RequestPlan> {
  const kinds = [headerMutations, targetMutations]
  if (operation.method !== 'GET') kinds.push(bodyMutations)
  if (operation.body !== undefined) kinds.push(bodyMutations)
  const mutations = fc.oneof(
    { arbitrary: fc.constant([]), weight: 5 },
    { arbitrary: fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 2 }), weight: 5 }
  )
  return fc
    .record({
      parameters: parametersOf(operation, values),
      body: operation.body === undefined ? fc.constant(undefined) : values.of(operation.body),
      mutations,
      malformation: fc.oneof(
        { arbitrary: fc.constant(null), weight: 19 },
        { arbitrary: malformations, weight: 1 }
      ),
      bySocket: chance(20),
      apiKey: apiKeys,
      again: chance(15),
      laterMs: fc.oneof(
        { arbitrary: fc.constant(0), weight: 9 },
        { arbitrary: fc.nat({ max: 1000 }), weight: 1 }
      )
    })
    .map((plan) => ({ operation, ...plan, [fc.toStringMethod]: () => planText(operation, plan) }))
}

const apiKeys = fc.oneof(
  { arbitrary: fc.constant<ApiKey>('administrator'), weight: 12 },
  { arbitrary: fc.constant<ApiKey>('caller'), weight: 6 },
  { arbitrary: fc.constantFrom<ApiKey>('unknown', 'none'), weight: 1 }
)

function chance(oneIn: number): Arbitrary<boolean> {
  return fc.nat({ max: oneIn - 1 }).map((value) => value === oneIn - 1)
}

function parametersOf({ parameters }: Operation, values: SchemaValues): Arbitrary<Record<string, unknown>> {
  const model = parameters.map((parameter) => {
    const value = values.of(parameter.schema, parameter.name)
    // Few requests mean all the headers at once that they may have.
    return [placeOf(parameter), parameter.required === true ? value : seldom(value)] as const
  })
  return fc.record(Object.fromEntries(model.map(([name, value]) => [name, value])))
}

function seldom(value: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: value, weight: 1 })
}

function placeOf({ in: place, name }: Parameter): string {
  return `${place} ${name}`
}

/** The request that the plan comes to, before its mutations. */
export function plannedRequest(plan: RequestPlan, recollection: Recollection): HttpRequest {
  const { operation, body } = plan
  const parameters = { ...plan.parameters, ...holderFor(plan, recollection) }
  const scope = scopeOf(operation, parameters)
  const query: string[] = []
  const headers: [string, string][] = []
  let path = operation.template
  for (const parameter of operation.parameters) {
    const value = recollection.resolve(parameters[placeOf(parameter)], scope) as string | number | undefined
    if (value === undefined) continue
    const text = String(value)
    const encoded = encodeURIComponent(text)
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, () => encoded)
    if (parameter.in === 'query') query.push(`${parameter.name}=${encoded}`)
    if (parameter.in === 'header') headers.push([parameter.name, text])
  }
  // A client that knows URLs, and `inject` is one, takes such segments for steps within the path.
  const socketOnly = /\/\.{1,2}(\/|$)/.test(path)
  const request: HttpRequest = { method: operation.method, path, query: query.join('&'), headers, socketOnly }
  if (body === undefined) return request
  headers.push(['content-type', 'application/json'])
  return { ...request, json: recollection.resolve(body, scope) }
}

/** Reservations are few: what speaks of one mostly goes where there are any. */
function holderFor({ body }: RequestPlan, recollection: Recollection): Record<string, string> {
  const { reservationId } = (body ?? {}) as { reservationId?: unknown }
  if (!(reservationId instanceof Recalled) || reservationId.pick === 0) return {}
  const holder = recollection.holder(reservationId.pick)
  return holder === undefined ? {} : { 'path storeId': holder.storeId, 'path sku': holder.sku }
}

function scopeOf({ operationId, parameters }: Operation, values: RequestPlan['parameters']): Scope {
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  return {
    operationId,
    ...Object.fromEntries(inPath.map((parameter) => [parameter.name, values[placeOf(parameter)]]))
  }
}

function planText(
  { operationId }: Operation,
  { mutations, malformation, again }: Omit<RequestPlan, 'operation'>
): string {
  if (again) return 'the same again'
  const odd = [...mutations, ...(malformation === null ? [] : [malformation])].map(({ name }) => name)
  return odd.length === 0 ? operationId : `${operationId} with ${odd.join(' and ')}`
}
