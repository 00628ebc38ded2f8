import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigurationError } from './configuration-error.ts'

/** Where the ledger keeps its log. A relative folder is one of the working directory. */
export type LedgerLocation =
  { readonly kind: 'memory' } | { readonly kind: 'folder'; readonly folder: string }

const allowedLedgers = 'file:<folder> or memory:'

/**
 * The location named by LEDGER_URL, else by DATA_DIR, else ./data. Throws a ConfigurationError for another kind of
 * ledger and where the two variables contradict each other.
 */
export function ledgerLocation(
  ledgerUrl: string | undefined,
  dataFolder: string | undefined
): LedgerLocation {
  if (ledgerUrl === undefined) return { kind: 'folder', folder: dataFolder ?? './data' }
  const location = parseLedgerUrl(ledgerUrl)
  if (dataFolder === undefined) return location
  if (location.kind === 'memory') {
    throw new ConfigurationError(
      'DATA_DIR',
      JSON.stringify(dataFolder),
      'no folder where LEDGER_URL is memory:'
    )
  }
  if (resolve(location.folder) !== resolve(dataFolder)) {
    throw new ConfigurationError(
      'DATA_DIR',
      JSON.stringify(dataFolder),
      `only the folder that LEDGER_URL names (${ledgerUrl})`
    )
  }
  return location
}

function parseLedgerUrl(ledgerUrl: string): LedgerLocation {
  if (ledgerUrl === 'memory:') return { kind: 'memory' }
  if (/^postgres(?:ql)?:/.test(ledgerUrl)) {
    throw new ConfigurationError(
      'LEDGER_URL',
      'a PostgreSQL address',
      `${allowedLedgers}: this version has no PostgreSQL ledger`
    )
  }
  const folder = ledgerUrl.startsWith('file://') ? folderOfUrl(ledgerUrl) : ledgerUrl.slice('file:'.length)
  if (!ledgerUrl.startsWith('file:') || folder === '') {
    throw new ConfigurationError('LEDGER_URL', JSON.stringify(ledgerUrl), allowedLedgers)
  }
  return { kind: 'folder', folder }
}

function folderOfUrl(ledgerUrl: string): string {
  try {
    return fileURLToPath(ledgerUrl)
  } catch {
    return ''
  }
}
