import { isUtf8 } from 'node:buffer'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { headerOf, payloadOf, routedPath, type HttpRequest } from './http-request.ts'
import { operationsOf, type Document, type Operation, type Schema } from './operations.ts'

const canonicalInteger = /^(0|-?[1-9][0-9]*)$/
/** Lists may have empty elements, which a pattern need not say, and the last one speaks to streams only. */
const unchecked = new Set(['If-Match', 'If-None-Match', 'Last-Event-ID'])

/** Looks whether a request that was accepted is one that the document allows. */
export class RequestCheck {
  readonly #operations: readonly Operation[]
  readonly #ajv = new Ajv2020({ strict: false })

  constructor(document: Document) {
    ajvFormats.default(this.#ajv)
    this.#ajv.addSchema(document, 'document')
    this.#operations = operationsOf(document)
  }

  /** Throws where the request must have been refused. */
  check(request: HttpRequest): void {
    const operation = this.#operations.find((one) => isAsked(one, request))
    if (operation === undefined) return
    this.#checkBody(operation, request)
    this.#checkQuery(operation, request)
    for (const { name, in: place, schema } of operation.parameters) {
      const value = place === 'header' && !unchecked.has(name) ? headerOf(request, name) : undefined
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

  #checkQuery({ parameters }: Operation, { query }: HttpRequest): void {
    const known = parameters.filter((parameter) => parameter.in === 'query')
    if (known.length === 0) return
    const given = new URLSearchParams(query)
    for (const name of given.keys()) {
      const schema = known.find((parameter) => parameter.name === name)?.schema
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

function isAsked({ method, template }: Operation, request: HttpRequest): boolean {
  const pattern = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)
  return method === request.method && pattern.test(routedPath(request.path))
}
