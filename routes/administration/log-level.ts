import type { FastifyInstance } from 'fastify'
import { LogLevel, LogLevelReport } from '../../plugins/schemas/log-level.ts'
import { reference } from '../../plugins/schemas/reference.ts'

const tags = ['administration']
const config = { apiKey: 'admin' } as const
const example: LogLevelReport = { success: true, data: { level: 'debug' } }

const readSchema = {
  operationId: 'getLogLevel',
  summary: 'How much is logged',
  description: 'Of the process that answers.',
  tags,
  response: { 200: reference(LogLevelReport) },
  documentation: { responseExamples: { debug: example }, errors: [500] }
} as const

const changeSchema = {
  operationId: 'setLogLevel',
  summary: 'Log more or less from now on',
  description:
    'Holds for the process that answers, until it ends: then LOG_LEVEL counts again. At debug each change of stock that is applied ' +
    'or refused has a line.',
  tags,
  body: reference(LogLevel),
  response: { 200: reference(LogLevelReport) },
  documentation: {
    requestExamples: { debug: { level: 'debug' } },
    responseExamples: { debug: example },
    errors: [400, 413, 415, 500]
  }
} as const

export function logLevelRoutes(fastify: FastifyInstance): void {
  const report = (): LogLevelReport => ({ success: true, data: { level: fastify.logLevel.current } })

  fastify.get('/api/log-level', { schema: readSchema, config }, async () => report())

  fastify.put<{ Body: LogLevel }>('/api/log-level', { schema: changeSchema, config }, async (request) => {
    const { level } = request.body
    request.log.info({ to: level }, 'the log level is changed')
    fastify.logLevel.change(level)
    return report()
  })
}
