import type { Test } from 'tap'
import type { Ledger } from '../../../domain/ledger.ts'

/** What every ledger promises, by name; each is asked of a ledger of its own that is empty and open. */
export type Promises = Readonly<Record<string, (t: Test, ledger: Ledger) => Promise<void>>>
