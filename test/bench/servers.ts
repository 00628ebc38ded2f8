import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { programPath, servicePath } from './programs.ts'

type Work<Result> = (url: string, pid: number) => Promise<Result>

/** Does the work with the service running on the folder, with these variables set; ends it afterwards. */
export async function withService<Result>(
  dataFolder: string,
  variables: Readonly<Record<string, string>>,
  work: Work<Result>
): Promise<Result> {
  return await withServer(
    [servicePath],
    { ...serviceEnvironment(dataFolder), ROLE: 'api', ...variables },
    work
  )
}

/** The same with what it says on standard output, its log, going to a file. */
export async function withLoggedService<Result>(
  dataFolder: string,
  outputFile: string,
  variables: Readonly<Record<string, string>>,
  work: Work<Result>
): Promise<Result> {
  const environment = { ...serviceEnvironment(dataFolder), ROLE: 'api', ...variables }
  return await withServer([servicePath], environment, work, outputFile)
}

/** The same without a log, and with a service that counts nothing. */
export async function withUnwatchedService<Result>(dataFolder: string, work: Work<Result>): Promise<Result> {
  const environment = { ...serviceEnvironment(dataFolder), ROLE: 'api', LOG_LEVEL: 'silent' }
  return await withServer(
    ['--import', programPath('programs/without-metrics'), servicePath],
    environment,
    work
  )
}

/** Does the work with the bare server running. */
export async function withBareServer<Result>(work: Work<Result>): Promise<Result> {
  return await withServer([programPath('bare-server')], {}, work)
}

/** Does the work in a new folder below this one, which is removed afterwards. */
export async function withFolder<Result>(
  parent: string,
  work: (folder: string) => Promise<Result>
): Promise<Result> {
  const folder = await mkdtemp(join(parent, 'ledger-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function withServer<Result>(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  work: Work<Result>,
  outputFile?: string
): Promise<Result> {
  const environment = { NODE_ENV: 'production', ...variables }
  const server = new ServerProcess({
    arguments: args,
    environment,
    ...(outputFile !== undefined && { outputFile })
  })
  try {
    return await work(await server.ready, server.pid)
  } finally {
    await server.end('SIGTERM')
  }
}
