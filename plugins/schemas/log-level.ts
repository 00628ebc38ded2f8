import { Type, type Static } from '@sinclair/typebox'

const closed = { additionalProperties: false }

const LevelName = Type.Unsafe<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'>({
  type: 'string',
  enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  description: 'The least severe lines that are logged; silent for none.'
})

export const LogLevel = Type.Object(
  { level: LevelName },
  { $id: 'LogLevel', description: 'How much is logged.', ...closed }
)

export const LogLevelReport = Type.Object(
  { success: Type.Literal(true), data: Type.Object({ level: LevelName }, closed) },
  { $id: 'LogLevelReport', description: 'How much the process that answers logs.', ...closed }
)

export type LogLevel = Static<typeof LogLevel>
export type LogLevelReport = Static<typeof LogLevelReport>
