/** A JSON Schema of the served document, as far as it is looked into here. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly not?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

/** What a caller of one operation needs to know, and nothing that only its author knows. */
export interface Operation {
  readonly operationId: string
  /** In capitals. */
  readonly method: string
  /** The path with its parameters in braces. */
  readonly template: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  readonly statuses: readonly number[]
  /** Whether an answer may be a stream of events, which never ends. */
  readonly streams: boolean
}

interface DocumentedOperation {
  readonly operationId: string
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: object
}

/** Every operation of the document. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      operationId: operation.operationId,
      method: method.toUpperCase(),
      template,
      parameters: (operation.parameters ?? []).map((given) => dereferenced<Parameter>(document, given)),
      body: operation.requestBody?.content['application/json']?.schema,
      statuses: Object.keys(operation.responses).map(Number),
      streams: Object.values(operation.responses).some(
        (response) => 'text/event-stream' in (response.content ?? {})
      )
    }))
  )
}

/** What a reference within the document (`#/components/…`) stands for; anything else is itself. */
export function dereferenced<Part extends object>(
  document: Document,
  given: Part | { readonly $ref: string }
): Part {
  if (!('$ref' in given) || given.$ref === undefined) return given as Part
  const steps = given.$ref.split('/').slice(1)
  const found = steps.reduce<unknown>(
    (part, step) => (part as Record<string, unknown>)[unescaped(step)],
    document
  )
  if (typeof found !== 'object' || found === null)
    throw new Error(`the document has no ${String(given.$ref)}`)
  return dereferenced(document, found as Part)
}

/** A step of a JSON pointer in a URI fragment (RFC 6901, sections 4 and 6). */
function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
}
