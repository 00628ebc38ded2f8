import Fastify, { type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'

import errors from '../../../plugins/errors/plugin.ts'

const strict = { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false } } as const

/** A bare application with this plugin and a validator that finds every fault. */
export async function application(t: Test, options: FastifyServerOptions = {}) {
  const fastify = Fastify({ ajv: strict, ...options })
  t.teardown(() => fastify.close())
  await fastify.register(errors)
  return fastify
}
