import type { CreateProduct, DeleteProduct, SetProduct } from './commands.ts'
import { because, continuation } from './continuation.ts'
import type { StockEvent } from './events.ts'
import type { Product, RecordState } from './record.ts'
import type { Refusal } from './refusals.ts'
import { overflow } from './stock-decisions.ts'

/** A record that nobody has given catalogue fields goes by its SKU and costs nothing. */
function productOf({
  sku,
  product
}: {
  readonly sku: string
  readonly product?: Product | undefined
}): Product {
  return product ?? { name: sku, price: 0 }
}

export function decideCreation(state: RecordState, command: CreateProduct): StockEvent {
  const { name, available, price } = command
  return { type: 'product_created', ...continuation(state, available, 0), name, price, ...because(command) }
}

export function decideSetting(state: RecordState, command: SetProduct): StockEvent | Refusal {
  const { name, price } = productOf(state)
  const delta = (command.available ?? state.qty) - state.qty
  if (!Number.isSafeInteger(state.qty + state.reserved + delta)) return overflow(state, delta)
  return {
    type: 'product_modified',
    ...continuation(state, delta, 0),
    name: command.name ?? name,
    price: command.price ?? price,
    ...because(command)
  }
}

export function decideDeletion(state: RecordState, command: DeleteProduct): StockEvent | Refusal {
  const { storeId, sku, qty, reserved } = state
  if (reserved > 0) return { code: 'reservations_open', storeId, sku, qty, reserved }
  return { type: 'product_deleted', ...continuation(state, -qty, 0), ...because(command) }
}
