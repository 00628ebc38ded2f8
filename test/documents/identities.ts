const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g

/**
 * The ids that a document shows, and those that the service gave in their place. A documented id stands for one real
 * id all through the document, so that a later command which names it speaks of the same thing.
 */
export class Identities {
  readonly #actual = new Map<string, string>()

  /** The commands with the ids that the service gave. */
  asActual(commands: string): string {
    return commands.replaceAll(uuid, (id) => this.#actual.get(id) ?? id)
  }

  /** The answer with the documented ids in the place of its own; ids that are seen for the first time are paired. */
  asDocumented(answer: string, documented: string): string {
    const shown = documented.match(uuid) ?? []
    const given = answer.match(uuid) ?? []
    for (const [index, id] of shown.entries()) {
      const actual = given[index]
      if (actual !== undefined && !this.#isKnown(actual) && !this.#actual.has(id))
        this.#actual.set(id, actual)
    }
    return answer.replaceAll(uuid, (id) => this.#documented(id) ?? id)
  }

  #isKnown(actual: string): boolean {
    return this.#documented(actual) !== undefined
  }

  #documented(actual: string): string | undefined {
    return [...this.#actual].find(([, given]) => given === actual)?.[0]
  }
}
