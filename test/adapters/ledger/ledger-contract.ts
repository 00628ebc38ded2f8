import type { Test } from 'tap'
import type { Ledger } from '../../../domain/ledger.ts'
import { closePromises } from './close-contract.ts'
import { executePromises } from './execute-contract.ts'
import { feedPromises } from './feed-contract.ts'
import { keyPromises } from './key-contract.ts'
import { productPromises } from './product-contract.ts'
import type { Promises } from './promises.ts'
import { readPromises } from './read-contract.ts'
import { reservationPromises } from './reservation-contract.ts'

const promises: Promises = {
  ...executePromises,
  ...keyPromises,
  ...readPromises,
  ...productPromises,
  ...reservationPromises,
  ...feedPromises,
  ...closePromises
}

/** Tests all that the port in domain/ledger.ts promises. `open` makes an empty ledger for one promise. */
export function testLedger(t: Test, name: string, open: (t: Test) => Promise<Ledger>): void {
  t.test(name, async (t) => {
    for (const [promise, keepsIt] of Object.entries(promises)) {
      await t.test(promise, async (t) => {
        const ledger = await open(t)
        t.teardown(() => ledger.close())
        await keepsIt(t, ledger)
      })
    }
  })
}
