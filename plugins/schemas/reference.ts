import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox'

/** A reference to a schema that was added to Fastify under its `$id`; it carries the type of what it refers to. */
export function reference<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema>> {
  return Type.Unsafe<Static<Schema>>({ $ref: `${schema.$id}#` })
}
