import type { FastifyInstance } from 'fastify'
import type { BrowserOptions } from './plugin.ts'

export { default } from './plugin.ts'

export function autoConfig({ configuration }: FastifyInstance): BrowserOptions {
  return { origins: configuration.corsOrigins }
}
