import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { StockRecord } from '../../plugins/schemas/stock.ts'
import type { AcknowledgedChange } from './answers.ts'
import type { ApiClient } from './api-client.ts'
import { RecordAccount, type Fault } from './record-account.ts'

/** Keeps every acknowledged change and finds each of them, once, in what the service shows. */
export class Auditor {
  readonly #stores: readonly string[]
  readonly #changes: AcknowledgedChange[] = []
  readonly #faults: Fault[] = []
  #accounts = new Map<string, RecordAccount>()

  constructor(stores: readonly string[]) {
    this.#stores = stores
  }

  get faults(): readonly Fault[] {
    return this.#faults
  }

  /** The number of changes that were acknowledged. */
  get changes(): number {
    return this.#changes.length
  }

  acknowledge(change: AcknowledgedChange): void {
    this.#changes.push(change)
    this.#faults.push(...this.#account(change).acknowledge(change))
  }

  /** Compares what was acknowledged since the last audit. REQUIRES: every request that was sent has been answered. */
  async audit(client: ApiClient): Promise<void> {
    await this.#auditRecords(client)
    const sequence = await client.sequence()
    if (sequence === this.#changes.length) return
    const text = `the ledger holds ${sequence} events, ${this.#changes.length} were acknowledged`
    this.#faults.push({ kind: 'wrong', text })
  }

  /** Compares everything from the beginning, with accounts opened anew, and the offsets of all events. */
  async auditAll(client: ApiClient): Promise<void> {
    this.#accounts = new Map()
    for (const change of this.#changes) this.#account(change).acknowledge(change)
    const offsets = await this.#auditRecords(client)
    const distinct = new Set(offsets)
    const isContiguous =
      distinct.size === offsets.length && offsets.every((offset) => offset <= offsets.length)
    if (isContiguous) return
    this.#faults.push({ kind: 'wrong', text: 'the offsets of the events are not 1, 2, 3, ...' })
  }

  /** Returns the offsets of the events that it looked at. */
  async #auditRecords(client: ApiClient): Promise<number[]> {
    const records = await this.#records(client)
    const offsets: number[] = []
    for (const [name, record] of records) {
      const [storeId, sku] = JSON.parse(name) as [string, string]
      const account = this.#account({ storeId, sku })
      const history: StockEvent[] =
        record === undefined ? [] : await client.history(storeId, sku, account.version)
      for (const { offset } of history) offsets.push(offset)
      this.#faults.push(...account.audit(record, history))
    }
    return offsets
  }

  /** The records there are and those that there should be. */
  async #records(client: ApiClient): Promise<Map<string, StockRecord | undefined>> {
    const records = new Map<string, StockRecord | undefined>()
    for (const name of this.#accounts.keys()) records.set(name, undefined)
    for (const storeId of this.#stores) {
      for (const record of await client.records(storeId)) records.set(nameOf(record), record)
    }
    return records
  }

  #account(target: { readonly storeId: string; readonly sku: string }): RecordAccount {
    const name = nameOf(target)
    const account = this.#accounts.get(name) ?? new RecordAccount(target.storeId, target.sku)
    this.#accounts.set(name, account)
    return account
  }
}

function nameOf({ storeId, sku }: { readonly storeId: string; readonly sku: string }): string {
  return JSON.stringify([storeId, sku])
}
