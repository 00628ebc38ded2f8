import type { FastifyInstance } from 'fastify'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { SyncDone, SyncPass, SyncStart, SyncStatus } from '../../plugins/schemas/sync.ts'
import { passed, started, startRequest, status, stopped } from './examples.ts'

const tags = ['sync']
const config = { apiKey: 'admin' } as const

const passSchema = {
  operationId: 'syncNow',
  summary: 'Make a pass now',
  description:
    'Writes down which reservations have expired and brings the central model to the end that the log then has, also where ' +
    'the sync is stopped. One pass is made at a time in ' +
    'all processes on the ledger: 503 where another one does not end within ten seconds.',
  tags,
  response: { 200: reference(SyncPass) },
  documentation: { responseExamples: { 'three events': passed }, errors: [400, 413, 415, 500, 503] }
} as const

const statusSchema = {
  operationId: 'getSyncStatus',
  summary: 'How far the central model is',
  description:
    'The same in every process on the ledger, be the worker a thread of it or a process of its own.',
  tags,
  response: { 200: reference(SyncStatus) },
  documentation: { responseExamples: { running: status }, errors: [500, 503] }
} as const

const startSchema = {
  operationId: 'startSync',
  summary: 'Let passes be made by themselves',
  description:
    'Holds for all processes on the ledger within a second, and stays across restarts. Without intervalMs the interval is that of ' +
    'the configuration again. To start twice changes nothing.',
  tags,
  body: reference(SyncStart),
  response: { 200: reference(SyncDone) },
  documentation: {
    requestExamples: { 'every five seconds': startRequest },
    responseExamples: { started },
    errors: [400, 413, 415, 500, 503]
  }
} as const

const stopSchema = {
  operationId: 'stopSync',
  summary: 'Make no passes by themselves',
  description:
    'Holds for all processes on the ledger within a second, and stays across restarts until start. Passes that are asked for ' +
    'are made all the same. Reservations still expire to the instant, but only changes of their records say so in the feed.',
  tags,
  response: { 200: reference(SyncDone) },
  documentation: { responseExamples: { stopped }, errors: [400, 413, 415, 500, 503] }
} as const

/** The passes of the sync worker: make one, look, start and stop. */
export function passRoutes(fastify: FastifyInstance): void {
  fastify.post('/api/sync', { schema: passSchema, config }, async (): Promise<SyncPass> => {
    const { applied, deadLettered, sequence } = await fastify.sync.pass()
    return {
      success: true,
      message: `The central model is at event ${sequence}`,
      data: { applied, deadLettered, sequence }
    }
  })

  fastify.get('/api/sync/status', { schema: statusSchema, config }, async (): Promise<SyncStatus> => {
    const { lastRunAt, worker, failure, ...facts } = await fastify.sync.status()
    return {
      success: true,
      data: {
        ...facts,
        lag: facts.logSequence - facts.lastSequence,
        ...(lastRunAt !== undefined && { lastRunAt: instant(lastRunAt) }),
        ...(worker !== undefined && {
          worker: { processId: worker.processId, role: worker.role, seenAt: instant(worker.seenAt) }
        }),
        ...(failure !== undefined && { failure })
      }
    }
  })

  fastify.post<{ Body: SyncStart }>(
    '/api/sync/start',
    {
      schema: startSchema,
      config,
      // No body says as much as an empty one.
      preValidation: (request, _reply, done) => {
        if (request.body === undefined) request.body = {}
        done()
      }
    },
    async (request): Promise<SyncDone> => {
      await fastify.sync.start(request.body.intervalMs)
      const { intervalMs } = await fastify.sync.status()
      return { success: true, message: `Passes are made by themselves, at least each ${intervalMs} ms` }
    }
  )

  fastify.post('/api/sync/stop', { schema: stopSchema, config }, async (): Promise<SyncDone> => {
    await fastify.sync.stop()
    return { success: true, message: 'No passes are made by themselves any more' }
  })
}
