/** One text for a record, to look it up by. Ids hold no control characters, so the parts cannot run into each other. */
export function recordKey(storeId: string, sku: string): string {
  return `${storeId}\u0000${sku}`
}

/** The same for a reservation. */
export function reservationKey(storeId: string, sku: string, id: string): string {
  return `${recordKey(storeId, sku)}\u0000${id}`
}
