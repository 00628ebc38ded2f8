import fastJsonStringify, { type Schema } from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

type Serializer = ReturnType<FastifySerializerCompiler<object>>

/**
 * `schemas` are those that others refer to by their `$id`. Each serializer is compiled when it is first used, with those
 * only that it needs, which takes a fraction of the time that all of them take, and once for all services of the process.
 */
export function serializerCompiler(schemas: readonly object[]): FastifySerializerCompiler<object> {
  const byId = new Map(schemas.map((schema) => [(schema as { $id: string }).$id, schema]))
  const compiled = new WeakMap<object, Serializer>()
  return ({ schema }) => {
    const known = compiled.get(schema)
    if (known !== undefined) return known
    let own: Serializer | undefined
    const serialize: Serializer = (data) => (own ??= compile(schema, byId))(data)
    compiled.set(schema, serialize)
    return serialize
  }
}

function compile(schema: object, byId: ReadonlyMap<string, object>): Serializer {
  const needed = new Map<string, object>()
  collectReferences(schema, byId, needed)
  return fastJsonStringify(schema as Schema, {
    schema: Object.fromEntries(needed) as Record<string, Schema>
  })
}

function collectReferences(
  schema: object,
  byId: ReadonlyMap<string, object>,
  needed: Map<string, object>
): void {
  for (const [name, value] of Object.entries(schema)) {
    if (typeof value === 'object' && value !== null) collectReferences(value as object, byId, needed)
    if (name !== '$ref' || typeof value !== 'string') continue
    const [id = ''] = value.split('#')
    const referred = byId.get(id)
    if (referred === undefined || needed.has(id)) continue
    needed.set(id, referred)
    collectReferences(referred, byId, needed)
  }
}
