import type { Command } from '../../../domain/commands.ts'
import { storeId } from '../../domain/units.ts'
import { carryOut } from './asking.ts'
import type { Promises } from './promises.ts'

const now = 100
const target = { storeId, sku: 'mug' }
const create: Command = { ...target, type: 'create_product', name: 'Mug', available: 7, price: 4.5 }
const remove: Command = { ...target, type: 'delete_product' }

export const productPromises: Promises = {
  async 'product: read and listed with its catalogue fields'(t, ledger) {
    await carryOut(ledger, create, { ...target, type: 'set_product', price: 5 })
    const product = { qty: 7, version: 2, product: { name: 'Mug', price: 5 } }
    t.match(await ledger.get(storeId, 'mug', now), product)
    t.match(await ledger.list({ storeId, limit: 10 }, now), { records: [product], sequence: 2 })
  },

  async 'product: deleted, it is gone but for its history, and comes back with the next version'(t, ledger) {
    await carryOut(ledger, create, remove)
    t.equal(await ledger.get(storeId, 'mug', now), undefined)
    t.match(await ledger.list({ storeId, limit: 10 }, now), { records: [], sequence: 2 })
    const types = async () => {
      const page = await ledger.history({ storeId, sku: 'mug', limit: 10 })
      return page?.events.map(({ event }) => event.type)
    }
    t.strictSame(await types(), ['product_deleted', 'product_created'])
    await carryOut(ledger, create)
    t.match(await ledger.get(storeId, 'mug', now), { qty: 7, version: 3 })
    t.strictSame(await types(), ['product_created', 'product_deleted', 'product_created'])
  }
}
