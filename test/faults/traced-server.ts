import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { serverProgram } from '../processes/programs.ts'
import type { ServerCommand } from '../processes/server-process.ts'

/** What strace(1) does to a system call: `write:error=ENOSPC:when=30..40`. */
export interface Injection {
  readonly fault: string
  /** Only calls that have to do with this file. */
  readonly path?: string
}

/** Why faults cannot be injected into system calls here; false where they can. */
export function noTracing(): string | false {
  const { status, error } = spawnSync('strace', ['-f', '-qq', '-e', 'trace=none', process.execPath, '-e', ''])
  if (error !== undefined) return 'needs strace'
  return status !== 0 && 'strace may not trace here'
}

/**
 * The service under strace, as one of whose children it does not live: it can be killed by itself. Its one thread for file
 * operations makes the n-th sync the n-th of the service: strace counts for each thread.
 */
export function tracedServer({ fault, path }: Injection, trace: string): ServerCommand {
  const [call = ''] = fault.split(':')
  return {
    program: 'strace',
    arguments: [
      ...['-D', '-f', '-qq', '-o', trace, '-e', `trace=${call}`, '-e', `inject=${fault}`],
      ...(path === undefined ? [] : ['-P', path]),
      process.execPath,
      serverProgram
    ],
    environment: { UV_THREADPOOL_SIZE: '1' }
  }
}

/** How many calls were tampered with. */
export async function injections(trace: string): Promise<number> {
  const text = await readFile(trace, 'utf8')
  // One that is to kill may not come to be noted as injected: its line says that it was begun, or how it ended.
  return text.match(/\((?:INJECTED|DELAYED)\)|\+\+\+ killed by SIGKILL/g)?.length ?? 0
}
