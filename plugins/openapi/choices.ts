type Node = Record<string, unknown>

/**
 * The schemas with `oneOf` where they have a condition with two alternatives: the validator is told how to choose, so
 * that its errors speak of one of them only, and readers and client generators are told what there is to choose from.
 * The alternatives must exclude each other.
 */
export function withChoices(schemas: Record<string, Node>): Record<string, Node> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withChoice(schema)]))
}

function withChoice({ if: condition, then, else: otherwise, ...schema }: Node): Node {
  return condition === undefined ? schema : { ...schema, oneOf: [otherwise, then] }
}
