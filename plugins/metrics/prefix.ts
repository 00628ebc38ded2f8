/** The beginning of the names of the contract. */
export const prefix = 'inventory_'
