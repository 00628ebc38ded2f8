import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { ownDocument } from './document.ts'
import { hints } from './hints.ts'
import { LedgerWitness, WatchedLedger } from './ledger-witness.ts'
import { operationsOf, type Schema } from './operations.ts'
import { Recollection } from './recalled.ts'
import { SchemaValues } from './schema-values.ts'

const document = await ownDocument()

t.test('every value that is made from a schema of a request fits it', async (t) => {
  const ajv = new Ajv2020({ strict: false })
  ajvFormats.default(ajv)
  ajv.addSchema(document, 'document')
  const recollection = new Recollection(new LedgerWitness(new WatchedLedger()), 'central')
  const values = new SchemaValues(document, hints)
  for (const { operationId, parameters, body } of operationsOf(document)) {
    const schemas: [string, Schema][] = parameters.map(({ name, schema }) => [name, schema])
    if (body !== undefined) schemas.push(['body', body])
    for (const [name, schema] of schemas) {
      const validate = ajv.compile(schema.$ref === undefined ? schema : { $ref: `document${schema.$ref}` })
      const made = fc
        .sample(values.of(schema, name), 200)
        .map((value) => recollection.resolve(value, { operationId }))
      const wrong = made.filter((value) => !validate(value))
      t.strictSame(wrong, [], `${operationId} ${name}`)
    }
  }
})

t.test('what is not understood of a schema is said', (t) => {
  const values = new SchemaValues(document, {})
  const unknown: [object, RegExp][] = [
    [{}, /without a type/],
    [{ type: 'object', properties: { a: { allOf: [] } } }, /allOf/],
    [{ type: 'string', format: 'color' }, /format color/],
    [{ type: 'tuple' }, /type tuple/],
    [{ $ref: '#/components/schemas/Nothing' }, /no #\/components\/schemas\/Nothing/]
  ]
  for (const [schema, message] of unknown) t.throws(() => values.of(schema), { message })
  t.end()
})
