// The log read again by plain means: knows the format and the rule of validity, and nothing of the code under test.
import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import type { LoggedUnit } from '../../../domain/logged-unit.ts'
import type { AuditedEvent } from './audited-event.ts'
import { isUnit, plainUnit, type WrittenUnit } from './plain-unit.ts'
import { RecordHistory } from './record-history.ts'

/** All that a log says, judged by position alone. Keys are taken to be held for ever. */
export class LogAudit {
  readonly events: AuditedEvent[] = []
  readonly byReference = new Map<string, AuditedEvent[]>()
  readonly voidUnits: string[] = []
  tornLines = 0
  readonly #records = new Map<string, RecordHistory>()
  readonly #keyHolders = new Map<string, string>()

  /** Reads the log in the folder. Throws an AssertionError where it breaks an invariant. */
  static async of(fileSystem: FileSystem, dataFolder: string): Promise<LogAudit> {
    const audit = new LogAudit()
    const folder = `${dataFolder}/log`
    const names = (await fileSystem.list(folder)).filter((name) => /^\d{16}\.wal$/.test(name))
    for (const [index, name] of names.entries()) {
      equal(Number.parseInt(name, 10), audit.events.length + 1, 'a segment is named by its first sequence')
      const isSealed = audit.#takeSegment(await readFile(fileSystem, `${folder}/${name}`))
      equal(isSealed, index < names.length - 1, `segment ${name} is sealed if another one follows`)
    }
    return audit
  }

  record(storeId: string, sku: string): RecordHistory {
    const key = `${storeId} ${sku}`
    let record = this.#records.get(key)
    if (record === undefined) {
      record = new RecordHistory()
      this.#records.set(key, record)
    }
    return record
  }

  #takeSegment(text: Buffer): boolean {
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf(0x0a, start)
      const end = newline < 0 ? text.length : newline
      const line = text.subarray(start, end)
      start = end + 1
      if (line.length === 0) continue
      const body = line.subarray(20)
      if (Number(line.subarray(9, 19).toString()) !== body.length || newline < 0) {
        this.tornLines += 1
        continue
      }
      equal(line.subarray(0, 8).toString(), crc32(body).toString(16).padStart(8, '0'), 'a whole line is good')
      const frame = JSON.parse(body.toString()) as WrittenUnit | { seal: string } | { mark: true }
      if ('seal' in frame) return true
      if (isUnit(frame)) this.#takeUnit(plainUnit(frame))
    }
    return false
  }

  #takeUnit(unit: LoggedUnit): void {
    if (!this.#isValid(unit)) {
      this.voidUnits.push(unit.id)
      return
    }
    for (const { key } of unit.answers ?? []) this.#keyHolders.set(key, unit.id)
    for (const event of unit.events) {
      const sequence = this.events.length + 1
      const audited = { sequence, at: unit.at, unitId: unit.id, event }
      this.record(event.storeId, event.sku).take(audited)
      this.events.push(audited)
      const { reference } = event
      if (reference === undefined) continue
      this.byReference.set(reference, [...(this.byReference.get(reference) ?? []), audited])
    }
  }

  #isValid({ id, events, decidedOn = [], decidedOnKeys = [], answers = [] }: LoggedUnit): boolean {
    const isLast = (storeId: string, sku: string, unitId: string) =>
      this.record(storeId, sku).lastUnit === unitId
    return (
      events.every(({ storeId, sku, base }) => base === id || isLast(storeId, sku, base)) &&
      decidedOn.every(([storeId, sku, unitId]) => isLast(storeId, sku, unitId)) &&
      decidedOnKeys.every(([key, unitId]) => (this.#keyHolders.get(key) ?? '') === unitId) &&
      answers.every(({ key }) => !this.#keyHolders.has(key))
    )
  }

  /** Throws where what a ledger serves as its events is not what the log holds. */
  requireFeed(served: readonly AuditedEvent[]): void {
    const bare = (events: readonly AuditedEvent[]) =>
      events.map(({ sequence, at, unitId, event }) => ({ sequence, at, unitId, event }))
    ok(served.length === this.events.length, `${served.length} of ${this.events.length} events are served`)
    deepStrictEqual(bare(served), bare(this.events))
  }
}

async function readFile(fileSystem: FileSystem, path: string): Promise<Buffer> {
  const file = await fileSystem.open(path, 'read')
  try {
    const bytes = Buffer.alloc(file.size())
    let length = 0
    while (length < bytes.length) length += await file.read(bytes.subarray(length), length)
    return bytes
  } finally {
    await file.close()
  }
}
