import { readFile } from 'node:fs/promises'
import type { Ledger } from '../../domain/ledger.ts'
import { loadOpeningStock, OpeningStockError } from './opening-stock.ts'

/**
 * Loads the file into an empty ledger; a ledger that holds anything is left alone, and the file unread.
 * Throws an OpeningStockError of one line where the file is missing or is no opening stock.
 */
export async function loadOpeningStockFile(ledger: Ledger, path: string, at: number): Promise<void> {
  if (ledger.health().sequence > 0) return
  try {
    await loadOpeningStock(ledger, await readFile(path, 'utf8'), at)
  } catch (error) {
    const unread = (error as NodeJS.ErrnoException).syscall !== undefined
    if (!unread && !(error instanceof OpeningStockError)) throw error
    const { message } = error as Error
    throw new OpeningStockError(
      `DATA_PATH is ${JSON.stringify(path)}; allowed is a file of opening stock, but ${message}`
    )
  }
}
