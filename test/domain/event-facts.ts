import type { Arbitrary } from 'fast-check'

/** What every event has beside its type, in the order in which the decisions write it. */
export function eventFacts(text: Arbitrary<string>, amount: Arbitrary<number>) {
  return {
    storeId: text,
    sku: text,
    base: text,
    delta: amount,
    qty: amount,
    reserved: amount,
    version: amount
  }
}
