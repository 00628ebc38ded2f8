import { getSystemErrorMap } from 'node:util'

const known = new Map([...getSystemErrorMap()].map(([errno, [code, message]]) => [code, { errno, message }]))

/**
 * An error as Node makes it of a failed system call: `code`, `errno`, `syscall` and `path` set.
 * A code that the system does not know (ECRASHED) is taken as it is, without errno.
 */
export function systemError(code: string, call: string, path: string): NodeJS.ErrnoException {
  const cause = known.get(code)
  const error: NodeJS.ErrnoException = new Error(
    `${code}: ${cause?.message ?? 'injected'}, ${call} '${path}'`
  )
  if (cause) error.errno = cause.errno
  return Object.assign(error, { code, syscall: call, path })
}
