/** The type with its fields open to whoever puts a value together step by step. */
export type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] }
