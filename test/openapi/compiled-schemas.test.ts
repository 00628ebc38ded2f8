// What a start leaves to the first request: every schema of every route is one, and compiles.
import { Ajv } from 'ajv'
import t from 'tap'
import { Variables } from '../../plugins/configuration/variables.ts'
import { OpeningStock } from '../../plugins/ledger/opening-stock.ts'
import { sharedSchemas } from '../../plugins/schemas/plugin.ts'
import { serializerCompiler } from '../../plugins/schemas/serializer.ts'
import { validatorCompiler } from '../../plugins/validation/compiler.ts'
import { registeredRoutes } from '../routes/registered-routes.ts'

const parts = ['body', 'querystring', 'params', 'headers'] as const

t.test('every schema of every route compiles', async (t) => {
  const compileValidator = validatorCompiler(sharedSchemas)
  const compileSerializer = serializerCompiler(sharedSchemas)
  const meta = new Ajv({ strict: false })
  let count = 0
  for (const { method, url, schema = {} } of await registeredRoutes()) {
    for (const httpPart of parts) {
      const part = schema[httpPart] as object | undefined
      if (part === undefined) continue
      count += 1
      t.ok(meta.validateSchema(part), `${String(method)} ${url} ${httpPart} is a schema`)
      const validate = compileValidator({ schema: part, method: 'POST', url, httpPart })
      t.doesNotThrow(() => void validate({}), `${String(method)} ${url} ${httpPart} compiles`)
    }
    for (const [status, answer] of Object.entries((schema.response ?? {}) as Record<string, object>)) {
      count += 1
      t.ok(meta.validateSchema(answer), `${String(method)} ${url} ${status} is a schema`)
      const serialize = compileSerializer({ schema: answer, method: 'POST', url, httpStatus: status })
      t.doesNotThrow(() => printed(serialize), `${String(method)} ${url} ${status} compiles`)
    }
  }
  for (const schema of sharedSchemas) t.ok(meta.validateSchema(schema), 'what they refer to is a schema')
  t.ok(meta.validateSchema(Variables), 'that of the environment is a schema')
  t.ok(meta.validateSchema(OpeningStock), 'that of the opening stock is a schema')
  t.ok(count > 100, `${count} schemas`)
})

/** Nothing is what no answer consists of, which is said once the serializer is compiled. */
function printed(serialize: (data: unknown) => string): void {
  try {
    serialize({})
  } catch (error) {
    if (!/is required!|does not match schema definition/.test(String(error))) throw error
  }
}
