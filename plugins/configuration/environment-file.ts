import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** The variables of a `.env` file, in development only, below those of the process. */
export function withEnvironmentFile(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const name = environment['ENVIRONMENT'] ?? environment['NODE_ENV'] ?? 'development'
  if (name !== 'development' || !existsSync('.env')) return environment
  return { ...parseEnv(readFileSync('.env', 'utf8')), ...environment }
}
