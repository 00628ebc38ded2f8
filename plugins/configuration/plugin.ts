import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { loadConfiguration, type Configuration } from './configuration.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly configuration: Configuration
  }
}

export interface ConfigurationOptions {
  /** What differs from the defaults. */
  readonly configuration?: Partial<Configuration> | undefined
}

/** Decorates `fastify.configuration`: the defaults with what the options say in their place, frozen. */
async function configuration(fastify: FastifyInstance, options: ConfigurationOptions): Promise<void> {
  fastify.decorate('configuration', Object.freeze({ ...loadConfiguration({}), ...options.configuration }))
}

export default fp(configuration, { name: 'bincard-configuration', fastify: '5.x' })
