import { isUtf8 } from 'node:buffer'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { headerOf, payloadOf, routedPath, type HttpRequest } from './http-request.ts'
import { operationsOf, type Document, type Operation, type Parameter, type Schema } from './operations.ts'

const canonicalInteger = /^(0|-?[1-9][0-9]*)$/
/** Lists may have empty elements, which a pattern need not say, and the last one speaks to streams only. */
const unchecked = new Set(['If-Match', 'If-None-Match', 'Last-Event-ID'])

/** An operation, the paths that are its own, and what its requests have to fit. */
interface CheckedOperation {
  readonly operation: Operation
  readonly pattern: RegExp
  readonly query: ReadonlyMap<string, Parameter>
  readonly headers: readonly Parameter[]
}

/** Looks whether a request that was accepted is one that the document allows. */
export class RequestCheck {
  readonly #operations: readonly CheckedOperation[]
  readonly #ajv = new Ajv2020({ strict: false })

  constructor(document: Document) {
    ajvFormats.default(this.#ajv)
    this.#ajv.addSchema(document, 'document')
    this.#operations = operationsOf(document).map((operation) => {
      const query = operation.parameters.filter((parameter) => parameter.in === 'query')
      return {
        operation,
        pattern: new RegExp(`^${operation.template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
        query: new Map(query.map((parameter) => [parameter.name, parameter])),
        headers: operation.parameters.filter(
          ({ in: place, name }) => place === 'header' && !unchecked.has(name)
        )
      }
    })
  }

  /** Throws where the request must have been refused. */
  check(request: HttpRequest): void {
    const path = routedPath(request.path)
    const asked = this.#operations.find(
      ({ operation, pattern }) => operation.method === request.method && pattern.test(path)
    )
    if (asked === undefined) return
    this.#checkBody(asked.operation, request)
    this.#checkQuery(asked.query, request)
    for (const { name, schema } of asked.headers) {
      const value = headerOf(request, name)
      // A server takes the blanks around a value for none of it (RFC 9110, section 5.5).
      if (value !== undefined) this.#require(schema, value.trim(), `the header ${name}`)
    }
  }

  #checkBody({ body }: Operation, request: HttpRequest): void {
    const payload = payloadOf(request)
    if (body === undefined || payload === undefined || payload.length === 0) return
    const bytes = Buffer.from(payload)
    if (!isUtf8(bytes)) throw new Error('a body that is no UTF-8 was accepted')
    this.#require(body, JSON.parse(bytes.toString().replace(/^\ufeff/, '')), 'the body')
  }

  #checkQuery(known: CheckedOperation['query'], { query }: HttpRequest): void {
    if (known.size === 0) return
    const given = new URLSearchParams(query)
    for (const { name, required } of known.values()) {
      if (required === true && !given.has(name)) throw new Error(`a query without ${name} was accepted`)
    }
    for (const name of given.keys()) {
      const schema = known.get(name)?.schema
      const values = given.getAll(name)
      if (schema === undefined || values.length > 1)
        throw new Error(`${JSON.stringify(name)} in the query was accepted`)
      const [text = ''] = values
      const isNumber = schema.type === 'integer' && canonicalInteger.test(text)
      this.#require(schema, isNumber ? Number(text) : text, `${name} in the query`)
    }
  }

  #require(schema: Schema, value: unknown, what: string): void {
    const validate = this.#compiled(schema)
    if (validate(value)) return
    throw new Error(
      `${what} was accepted: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`
    )
  }

  #compiled(schema: Schema): ValidateFunction {
    return this.#ajv.compile(
      schema.$ref === undefined
        ? schema
        : (this.#references[schema.$ref] ??= { $ref: `document${schema.$ref}` })
    )
  }

  // The same object each time, by which Ajv finds what it has compiled.
  readonly #references: Record<string, object> = {}
}
