import { join } from 'node:path'
import autoload from '@fastify/autoload'
import type { Tracer } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { FileSystem } from './adapters/file-system/file-system.ts'
import type { Ledger } from './domain/ledger.ts'
import type { Configuration } from './plugins/configuration/configuration.ts'
import type { PressureLimits } from './plugins/load-shedding/plugin.ts'

export interface ServiceOptions {
  /** What differs from the defaults of the configuration. */
  readonly configuration?: Partial<Configuration>
  /** A ledger that is open already and is closed by whoever opened it; else the service opens its own. */
  readonly ledger?: Ledger
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
  /** What its metrics are put into, to be shown with those of the application; else a registry of its own. */
  readonly registry?: Registry
  /** Where its spans go, as a part of the traces of the application; else it sends its own where the configuration says so. */
  readonly tracer?: Tracer
  /** The disk of the ledger that the service opens; that of the machine where it is left out. */
  readonly fileSystem?: FileSystem
  /** The pressure from which on requests are turned away, where it is not to be judged by what the machine has. */
  readonly pressure?: Partial<PressureLimits>
  /** The other server processes on the port, where there are any: limits then hold for all of them together. */
  readonly cluster?: ServiceCluster
  /** Told why, when the service's own ledger can never be read again until it is opened anew: the service is to be ended. */
  readonly onLedgerLost?: (reason: Error) => void
}

/** What several server processes have in common. */
export interface ServiceCluster {
  readonly serverCount: number
  /** Asks whoever keeps the topic for all of them; rejects where there is no answer to be had. */
  ask(topic: string, payload: unknown): Promise<unknown>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What the service was registered with, for the plugins to take their part of. */
    readonly serviceOptions: ServiceOptions
    /** The service's one source of time, in milliseconds since the epoch. */
    readonly clock: () => number
  }
}

const noModules = /\.d\.ts$|\.test\.[jt]s$/

/**
 * The whole inventory service as one Fastify plugin: everything below it validates, answers and fails as the contract
 * says, whatever the surrounding application has set, and nothing of it reaches that application.
 */
export default async function bincard(fastify: FastifyInstance, options: ServiceOptions): Promise<void> {
  fastify.decorate('serviceOptions', options)
  fastify.decorate('clock', options.clock ?? Date.now)

  await fastify.register(autoload, {
    dir: join(import.meta.dirname, 'plugins'),
    maxDepth: 1,
    options: {},
    ignorePattern: noModules
  })
  await fastify.register(autoload, {
    dir: join(import.meta.dirname, 'routes'),
    maxDepth: 1,
    dirNameRoutePrefix: false,
    options: {},
    ignorePattern: noModules
  })
}

export type { Configuration } from './plugins/configuration/configuration.ts'
export type { Ledger } from './domain/ledger.ts'
