import { withEnvironmentFile } from '../../plugins/configuration/environment-file.ts'
import { ledgerLocation } from '../../plugins/configuration/ledger-location.ts'

/**
 * The folder of the ledger that a service with these variables has; a `.env` file is read as by the service. Throws an
 * Error that names the variable where the ledger is in no folder.
 */
export function ledgerFolder(environment = process.env): string {
  const { LEDGER_URL, DATA_DIR } = withEnvironmentFile(environment)
  const location = ledgerLocation(LEDGER_URL, DATA_DIR)
  if (location.kind === 'folder') return location.folder
  throw new Error('LEDGER_URL is memory:, which is in no folder; name a FOLDER')
}
