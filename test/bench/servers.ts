import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { programPath, servicePath } from './programs.ts'

/** Does the work with the service running on the folder, with these variables set; ends it afterwards. */
export async function withService<Result>(
  dataFolder: string,
  variables: Readonly<Record<string, string>>,
  work: (url: string, pid: number) => Promise<Result>
): Promise<Result> {
  return await withServer(
    [servicePath],
    { ...serviceEnvironment(dataFolder), ROLE: 'api', ...variables },
    work
  )
}

/** Does the work with the bare server running. */
export async function withBareServer<Result>(
  work: (url: string, pid: number) => Promise<Result>
): Promise<Result> {
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
  work: (url: string, pid: number) => Promise<Result>
): Promise<Result> {
  const server = new ServerProcess({ arguments: args, environment: { NODE_ENV: 'production', ...variables } })
  try {
    return await work(await server.ready, server.pid)
  } finally {
    await server.end('SIGTERM')
  }
}
