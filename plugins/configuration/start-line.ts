import type { AddressInfo } from 'node:net'
import type { Configuration } from './configuration.ts'

/** The one line, with its end, that says where the service listens, whom it lets in and where things are. */
export function startLine(
  { address, family, port }: AddressInfo,
  configuration: Configuration,
  metrics: string
): string {
  const { ledger, workerCount } = configuration
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  const place = ledger.kind === 'memory' ? 'memory' : ledger.folder
  const processes = workerCount === 1 ? '' : ` with ${workerCount} processes`
  const documentation = `documentation at ${url}/documentation`
  return `Bincard listens on ${url}${processes}, ${admission(configuration)}, ${documentation}, ${metrics}, ledger in ${place}\n`
}

/** Who is let in: what an operator must not be wrong about. */
function admission({ apiKeys, adminApiKeys }: Configuration): string {
  if (adminApiKeys.length > 0) return 'open to callers with a key'
  if (apiKeys.length > 0) return 'open to callers with a key but, without ADMIN_API_KEYS, to no administrator'
  return 'open to callers without a key'
}

/** The line, with its end, of a start that failed. */
export function failedStartLine(error: unknown): string {
  return `Bincard did not start: ${oneLine(error)}\n`
}

/** What went wrong, without line breaks. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s*\n\s*/g, ' ')
}
