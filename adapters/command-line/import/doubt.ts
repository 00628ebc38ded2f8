import pLimit from 'p-limit'
import { type Attempt, type Client, refusalIn } from './client.ts'
import { ImportFailure } from './failures.ts'
import { type Movement, recordOf } from './mapping.ts'
import type { Persistence } from './persistence.ts'

/** A movement whose request may have been carried out. */
export interface Doubtful {
  readonly row: number
  readonly movement: Movement
  /** The key under which it was sent: its own, or its group's. */
  readonly key: string
}

/** What the history of the record says: it was applied; it was refused; or nobody knows of it. */
export type Finding = 'applied' | 'refused' | 'unknown'

const READERS = 4

/**
 * Asks the records' own histories what became of movements whose answer never came. The server forgets keys after
 * some minutes, its history does not. A record's rows are applied in order: so one that is missing before one that
 * is there was refused, and must not be decided again on stock that came later.
 */
export class Doubt {
  readonly #client: Client
  readonly #persistence: () => Persistence
  readonly #rowOfKey: (key: string) => number | undefined

  /** `rowOfKey` tells the row of this import that a key belongs to, undefined for keys of others. */
  constructor(client: Client, persistence: () => Persistence, rowOfKey: (key: string) => number | undefined) {
    this.#client = client
    this.#persistence = persistence
    this.#rowOfKey = rowOfKey
  }

  /** A finding for each row. */
  async findings(doubtful: readonly Doubtful[]): Promise<Map<number, Finding>> {
    const findings = new Map<number, Finding>()
    const byRecord = new Map<string, Doubtful[]>()
    for (const one of doubtful) {
      const record = recordOf(one.movement)
      const sharing = byRecord.get(record)
      if (sharing === undefined) byRecord.set(record, [one])
      else sharing.push(one)
    }
    const limit = pLimit(READERS)
    await limit.map(byRecord.values(), async (sharing) => {
      await this.#ask(sharing, findings)
    })
    return findings
  }

  async #ask(sharing: readonly Doubtful[], findings: Map<number, Finding>): Promise<void> {
    const [first] = sharing
    if (first === undefined) return
    const rowOf = new Map(sharing.map(({ key, row }) => [key, row]))
    const earliest = Math.min(...rowOf.values())
    const found = new Set<string>()
    let latest = 0
    for await (const key of this.#keys(first.movement)) {
      if (key === undefined) continue
      const row = rowOf.get(key) ?? this.#rowOfKey(key) ?? 0
      if (rowOf.has(key)) found.add(key)
      latest = Math.max(latest, row)
      if (row > 0 && row <= earliest) break
    }
    for (const { key, row } of sharing) {
      findings.set(row, found.has(key) ? 'applied' : row < latest ? 'refused' : 'unknown')
    }
  }

  /** The keys of the record's events, newest first. */
  async *#keys({ storeId, sku }: Movement): AsyncGenerator<string | undefined> {
    let cursor: string | undefined
    do {
      const page: HistoryPage = await this.#page(storeId, sku, cursor)
      for (const event of page.items) yield event.data.idempotencyKey
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }

  async #page(storeId: string, sku: string, cursor: string | undefined): Promise<HistoryPage> {
    const persistence = this.#persistence()
    for (;;) {
      const attempt: Attempt = await this.#client.getEvents(storeId, sku, cursor)
      if (attempt.is === 'later') {
        await persistence.pause(attempt)
        continue
      }
      if (attempt.status === 404) return { items: [] }
      if (attempt.status === 200 && isHistoryPage(attempt.body)) return attempt.body
      throw new ImportFailure(`asked for history, ${refusalIn(attempt.status, attempt.body)}`)
    }
  }
}

interface HistoryPage {
  readonly items: readonly { readonly data: { readonly idempotencyKey?: string } }[]
  readonly nextCursor?: string
}

function isHistoryPage(body: unknown): body is HistoryPage {
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items))
    return false
  return body.items.every(
    (item: unknown) =>
      typeof item === 'object' &&
      item !== null &&
      'data' in item &&
      typeof item.data === 'object' &&
      item.data !== null
  )
}
