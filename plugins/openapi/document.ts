import type { KeyRequirement } from '../api-keys/plugin.ts'
import { movementSchemas } from '../schemas/movements.ts'
import { withChoices } from './choices.ts'
import type { Examples, OperationDocumentation } from './documentation.ts'
import { errorComponents, errorReference } from './error-responses.ts'
import { rateLimitHeaders, requestHeaders, responseHeaders } from './headers.ts'
import { refusalResponse } from './refusal-responses.ts'
import { securityOf, securitySchemes } from './security.ts'

type Node = Record<string, unknown>

interface Operation {
  operationId?: string
  parameters?: object[]
  requestBody?: { content: Record<string, Node> }
  responses: Record<string, Node>
  security?: readonly object[]
}

/** What a route says of itself beyond its schemas. */
export interface RouteFacts {
  readonly documentation: OperationDocumentation
  readonly apiKey: KeyRequirement | undefined
  readonly isLimited: boolean
  readonly takesLeases: boolean
}

/** The parts of the document that are completed here. */
export interface Document {
  components?: Node
  paths?: Record<string, Record<string, Operation>>
}

/** The document with what its operations say beyond their schemas; operations are found by their operationId. */
export function completeDocument<Given extends Document>(
  document: Given,
  operations: ReadonlyMap<string, RouteFacts>
): Given {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path)) {
      const facts = operations.get(operation.operationId ?? '')
      if (facts !== undefined) complete(operation, facts)
    }
  }
  document.components = {
    ...document.components,
    schemas: withChoices(withMappings(document.components?.['schemas'] as Record<string, Node>)),
    responses: errorComponents(),
    parameters: requestHeaders,
    headers: responseHeaders,
    securitySchemes
  }
  return document
}

function complete(operation: Operation, { documentation, apiKey, isLimited, takesLeases }: RouteFacts): void {
  const headers = documentation.requestHeaders ?? []
  const parameters = headers.map((name) => ({ $ref: `#/components/parameters/${name}` }))
  if (parameters.length > 0) operation.parameters = [...(operation.parameters ?? []), ...parameters]
  addExamples(operation.requestBody, documentation.requestExamples)
  addExamples(operation.responses['200'], documentation.responseExamples)

  const named = Object.fromEntries(
    ['x-request-id', ...(isLimited ? rateLimitHeaders : []), ...(documentation.responseHeaders ?? [])].map(
      (name) => [name, { $ref: `#/components/headers/${name}` }]
    )
  )
  Object.assign(operation.responses['200'] ?? {}, { headers: named })
  // What the route itself says that it answers besides, as a copy for the reason below.
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status !== '200') Object.assign(response, { headers: structuredClone(named) })
  }
  if (documentation.notModified === true) {
    operation.responses['304'] = { description: 'The caller has this version already.', headers: named }
  }
  const { refusal } = documentation
  const { security, errors } = securityOf(apiKey)
  // A copy, as YAML would write one object at many places as an alias.
  operation.security = structuredClone(security)
  for (const status of [...errors, ...(isLimited ? ([429] as const) : []), ...documentation.errors]) {
    operation.responses[status] =
      refusal?.statuses.includes(status) === true
        ? { ...refusalResponse(status, refusal) }
        : errorReference(status, takesLeases)
  }
}

function addExamples(
  body: { content?: Record<string, Node> } | undefined,
  examples: Examples | undefined
): void {
  const json = body?.content?.['application/json']
  if (json === undefined || examples === undefined) return
  json['examples'] = Object.fromEntries(
    Object.entries(examples).map(([name, value]) => [componentName(name), { summary: name, value }])
  )
}

function componentName(name: string): string {
  return name.replaceAll(' ', '-')
}

// JSON Schema takes the alternative from the `type` that each of them fixes; OpenAPI wants it said.
function withMappings(schemas: Record<string, Node>): Record<string, Node> {
  const movements = (schemas['MovementsRequest']?.['properties'] as Record<string, { items: Node }>)[
    'movements'
  ]
  const mapping = Object.fromEntries(
    Object.entries(movementSchemas).map(([type, { $id }]) => [type, `#/components/schemas/${$id}`])
  )
  if (movements !== undefined) movements.items['discriminator'] = { propertyName: 'type', mapping }
  return schemas
}
