import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'

interface Header {
  readonly required?: boolean
  readonly schema: object
}

interface Response {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>
  readonly content?: Readonly<Record<string, unknown>>
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>
}

export interface ServedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly headers: Readonly<Record<string, Header>>
    readonly responses: Readonly<Record<string, Response>>
    readonly schemas: Readonly<Record<string, object>>
  }
}

export interface Answered {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** An operation and the paths that are its own. */
interface Route {
  readonly pattern: RegExp
  readonly pointer: string
  readonly operation: Operation
}

const aliases = [/^\/api(?=\/stores\/)/, /^(?=\/stores\/)/]

/** Checks answers against the document that the service serves; an answer that does not fit throws. */
export class ResponseValidation {
  readonly #document: ServedDocument
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  /** By method, in capitals. */
  readonly #routes = new Map<string, Route[]>()
  readonly #headers: readonly (readonly [name: string, sent: string, header: Header])[]
  /** By pointer. */
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(document: ServedDocument) {
    this.#document = document
    ajvFormats.default(this.#ajv)
    this.#ajv.addSchema(document, 'document')
    this.#headers = Object.entries(document.components.headers).map(
      ([name, header]) => [name, name.toLowerCase(), header] as const
    )
    for (const [template, operations] of Object.entries(document.paths)) {
      const pattern = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]*')}$`)
      const escaped = template.replaceAll('~', '~0').replaceAll('/', '~1')
      for (const [method, operation] of Object.entries(operations)) {
        const routes = this.#routes.get(method.toUpperCase()) ?? []
        this.#routes.set(method.toUpperCase(), routes)
        routes.push({ pattern, pointer: `#/paths/${escaped}/${method}`, operation })
      }
    }
  }

  check(method: string, url: string, answered: Answered): void {
    const found = this.#operation(method, url)
    const place = `${method} ${url} ${answered.statusCode}`
    if (found === undefined) {
      assert.ok(answered.statusCode >= 400, `${place}: a path that is not in the document answered`)
      this.#checkBody(
        place,
        '#/components/responses/NotFound',
        this.#document.components.responses['NotFound'],
        answered
      )
      return
    }
    const { pointer, operation } = found
    const documented = operation.responses[answered.statusCode]
    assert.ok(documented, `${place}: the status is not in the document`)
    const reference = '$ref' in documented ? documented.$ref : `${pointer}/responses/${answered.statusCode}`
    const response = '$ref' in documented ? this.#document.components.responses[name(documented)] : documented
    this.#checkHeaders(place, response?.headers ?? {}, answered)
    this.#checkBody(place, reference, response, answered)
  }

  #operation(method: string, url: string): Route | undefined {
    const [path = ''] = url.split('?')
    const canonical = aliases.reduce((given, alias) => given.replace(alias, '/api/inventory'), path)
    const known = canonical === '/health' ? '/api/health' : canonical
    return this.#routes.get(method.toUpperCase())?.find(({ pattern }) => pattern.test(known))
  }

  #checkHeaders(place: string, documented: Response['headers'] & object, { headers }: Answered): void {
    for (const [header, sent, { required = false }] of this.#headers) {
      const value = headers[sent]
      if (documented[header] === undefined) {
        assert.equal(value, undefined, `${place}: ${header} is not in the document`)
        continue
      }
      if (value === undefined) assert.ok(!required, `${place}: ${header} is missing`)
      else this.#fits(`${place}: ${header}`, `#/components/headers/${header}/schema`, value)
    }
  }

  #checkBody(place: string, reference: string, response: Response | undefined, answered: Answered): void {
    if (response?.content === undefined) {
      assert.equal(answered.body, '', `${place}: no body is in the document`)
      return
    }
    const [mediaType = ''] = String(answered.headers['content-type']).split(';')
    assert.ok(mediaType in response.content, `${place}: ${mediaType} is not in the document`)
    const escaped = mediaType.replaceAll('/', '~1').replaceAll('+', '%2B')
    const body: unknown = mediaType === 'text/event-stream' ? answered.body : JSON.parse(answered.body)
    this.#fits(place, `${reference}/content/${escaped}/schema`, body)
  }

  #fits(place: string, pointer: string, value: unknown): void {
    const validate = this.#validators.get(pointer) ?? this.#compiled(place, pointer)
    if (validate(value)) return
    assert.fail(`${place}: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`)
  }

  #compiled(place: string, pointer: string): ValidateFunction {
    const validate = this.#ajv.getSchema(`document${pointer.replaceAll(/[{}]/g, encodeURIComponent)}`)
    assert.ok(validate, `${place}: there is no schema ${pointer}`)
    this.#validators.set(pointer, validate)
    return validate
  }
}

function name({ $ref }: { readonly $ref: string }): string {
  return $ref.slice($ref.lastIndexOf('/') + 1)
}

export type ValidatedInject = (options: InjectOptions) => Promise<LightMyRequestResponse>

let newest: { readonly served: string; readonly validation: ResponseValidation } | undefined

/** `inject` of this service, every answer checked against the document that it serves. */
export async function validatedInject(service: FastifyInstance): Promise<ValidatedInject> {
  const { body: served } = await service.inject('/documentation/json')
  // The services of a test mostly serve the same document, and compiling its schemas takes longer than most tests.
  if (served !== newest?.served) {
    newest = { served, validation: new ResponseValidation(JSON.parse(served) as ServedDocument) }
  }
  const { validation } = newest
  return async (options) => {
    const answered = await service.inject(options)
    const { pathname } = new URL(options.url as string, 'http://service')
    validation.check(options.method ?? 'GET', pathname, answered)
    return answered
  }
}
