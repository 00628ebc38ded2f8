import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import fc, { type Arbitrary } from 'fast-check'
import { dereferenced, type Document, type Schema } from './operations.ts'

/** Values that fit the schema of a field and are better to try than others. */
export interface Hint {
  readonly values: Arbitrary<unknown>
  /** Whether no others are to be tried. */
  readonly only?: boolean
}

/** By the name of the field. */
export type Hints = Readonly<Record<string, Hint>>

/** Arrays are kept short, whatever the schema allows, as each item is as good as a request of its own. */
const itemsMax = 8
/** How far a whole number is from the least that is allowed, mostly. */
const nearness = 12

/** Makes arbitraries of valid values from the JSON Schemas of a document. */
export class SchemaValues {
  readonly #document: Document
  readonly #hints: Hints
  readonly #ajv = new Ajv2020({ strict: false })

  constructor(document: Document, hints: Hints) {
    this.#document = document
    this.#hints = hints
    ajvFormats.default(this.#ajv)
  }

  /** Values that the schema allows. Throws for a keyword that is not understood: such a field would not be tried. */
  of(given: Schema, name = ''): Arbitrary<unknown> {
    const schema = dereferenced<Schema>(this.#document, given)
    const generic = this.#generic(schema, name)
    const hint = this.#hints[name]
    if (hint === undefined) return generic
    const weight = hint.only === true ? 0 : 1
    return fc.oneof({ arbitrary: hint.values, weight: 9 }, { arbitrary: generic, weight })
  }

  #generic(schema: Schema, name: string): Arbitrary<unknown> {
    if (schema.allOf !== undefined) throw new Error(`${name}: allOf is not understood`)
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const alternatives = schema.oneOf ?? schema.anyOf ?? []
    if (alternatives.some((one) => one.$ref !== undefined || one.type !== undefined)) {
      return fc.oneof(...alternatives.map((one) => this.of(one, name)))
    }
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
    if (types.length === 0) throw new Error(`${name}: a schema without a type is not understood`)
    const values = fc.oneof(...types.map((type) => this.#typed(type, schema, name)))
    const isPlain = alternatives.length === 0 && schema.not === undefined && schema.multipleOf === undefined
    return isPlain ? values : this.#fitting(values, schema)
  }

  #typed(type: string, schema: Schema, name: string): Arbitrary<unknown> {
    switch (type) {
      case 'object':
        return this.#object(schema)
      case 'array':
        return fc.array(this.of(schema.items ?? {}, `${name}[]`), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? itemsMax, itemsMax)),
          size: 'max'
        })
      case 'string':
        return texts(schema)
      case 'integer':
        return integers(schema)
      case 'number':
        return numbers(schema)
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      default:
        throw new Error(`${name}: the type ${type} is not understood`)
    }
  }

  #object({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
    const values = Object.entries(properties).map(([name, schema]) => [name, this.of(schema, name)] as const)
    return fc.record(Object.fromEntries(values), { requiredKeys: [...required] })
  }

  #fitting(values: Arbitrary<unknown>, schema: Schema): Arbitrary<unknown> {
    const fits = this.#ajv.compile(schema)
    return values.filter((value) => fits(value))
  }
}

function texts({ pattern, format, minLength = 0, maxLength = 40 }: Schema): Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'))
  if (format === undefined) return fc.string({ minLength, maxLength })
  if (format !== 'date-time') throw new Error(`the format ${format} is not understood`)
  return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
}

function integers({
  minimum: min = Number.MIN_SAFE_INTEGER,
  maximum: max = Number.MAX_SAFE_INTEGER
}: Schema): Arbitrary<number> {
  const least = Math.max(min, Math.min(max, -nearness))
  const near = fc.integer({ min: least, max: Math.min(max, least + 2 * nearness) })
  return fc.oneof(
    { arbitrary: near, weight: 18 },
    { arbitrary: fc.constantFrom(min, max), weight: 1 },
    { arbitrary: fc.integer({ min, max }), weight: 1 }
  )
}

function numbers({ minimum: min, maximum: max }: Schema): Arbitrary<number> {
  const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
  const hundredths = {
    ...(min !== undefined && { minimum: Math.ceil(min * 100) }),
    ...(max !== undefined && { maximum: Math.min(Math.floor(max * 100), Number.MAX_SAFE_INTEGER) })
  }
  const cents = integers(hundredths).map((whole) => whole / 100)
  const within = cents.filter((value) => value >= (min ?? -Infinity) && value <= (max ?? Infinity))
  return fc.oneof(
    { arbitrary: within, weight: 9 },
    { arbitrary: fc.double({ ...bounds, noNaN: true, noDefaultInfinity: true }), weight: 1 }
  )
}
