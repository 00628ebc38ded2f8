import type { CentralModel, OutOfStep } from '../../domain/central-model.ts'
import type { CentralRecord } from '../../domain/central-records.ts'
import { DamagedFileError, type SyncFolder } from './sync-folder.ts'
import type { PassRight, SavedModel } from './sync-store.ts'

/** Few enough that the text of a part is short, many enough that a million records take few files. */
const RECORDS_PER_PART = 8192
const CHECKPOINT_NAME = /^checkpoint-(\d{16})$/
const PARTS = 'model'

type Row = readonly [
  storeId: string,
  sku: string,
  qty: number,
  reserved: number,
  version: number,
  updatedAt: number,
  deleted: 0 | 1
]

/** What the model is at one moment; the parts hold its records. */
interface Checkpoint {
  readonly sequence: number
  readonly generation: string
  readonly recordCount: number
  readonly parts: readonly string[]
  readonly outOfStep: readonly OutOfStep[]
}

/**
 * The central model on disk: its records in parts, and a checkpoint that names them and is written last. Each holder of
 * the lease has a checkpoint of its own, and the one of the latest holder counts: what a holder writes that does not know
 * yet that it is none any more changes nothing.
 */
export class CentralModelFiles {
  readonly #folder: SyncFolder
  readonly #onDamage: (error: DamagedFileError) => void
  #revision = 0

  constructor(folder: SyncFolder, onDamage: (error: DamagedFileError) => void) {
    this.#folder = folder
    this.#onDamage = onDamage
  }

  /** The model of the newest checkpoint that is whole; undefined where there is none. Damage is told, not thrown. */
  async load(): Promise<SavedModel | undefined> {
    for (const epoch of await this.#epochs()) {
      const model = await this.#loadOf(epoch)
      if (model !== undefined) return model
    }
    return undefined
  }

  /** Throws a DamagedFileError where the newest checkpoint or a part of it is damaged; undefined where there is none. */
  async loadNewest(): Promise<SavedModel | undefined> {
    const [epoch] = await this.#epochs()
    if (epoch === undefined) return undefined
    try {
      return await this.#read(epoch)
    } catch (error) {
      const [newest] = await this.#epochs()
      if (newest === epoch) throw error
      return await this.loadNewest()
    }
  }

  /** Writes the model, durably, and removes those before it. REQUIRES: the model is not changed meanwhile. */
  async save(model: CentralModel, generation: string, { epoch, requireHeld }: PassRight): Promise<void> {
    await this.#folder.make(PARTS)
    this.#revision += 1
    const parts: string[] = []
    for (const rows of partsOf(model)) {
      const name = `${PARTS}/${epoch}-${this.#revision}-${parts.length + 1}`
      await this.#folder.write(name, rows)
      await requireHeld()
      parts.push(name)
    }
    const { sequence, recordCount, outOfStep } = model
    const checkpoint: Checkpoint = { sequence, generation, recordCount, parts, outOfStep }
    await requireHeld()
    await this.#folder.write(nameOf(epoch), checkpoint)
    await this.#removeOthers(epoch, parts)
  }

  async #loadOf(epoch: number): Promise<SavedModel | undefined> {
    try {
      return await this.#read(epoch)
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error
      const [newest] = await this.#epochs()
      // Another process has written a newer one meanwhile, and removed the parts of this one.
      if (newest !== undefined && newest !== epoch) return await this.load()
      this.#onDamage(error)
      return undefined
    }
  }

  async #read(epoch: number): Promise<SavedModel | undefined> {
    const name = nameOf(epoch)
    const found = (await this.#folder.read(name)) as Checkpoint | undefined
    if (found === undefined) return undefined
    const records: CentralRecord[] = []
    for (const part of found.parts) {
      const rows = (await this.#folder.read(part)) as Row[] | undefined
      if (rows === undefined) {
        const again = (await this.#folder.read(name)) as Checkpoint | undefined
        if (again?.parts[0] !== found.parts[0]) return await this.#read(epoch)
        throw new DamagedFileError(this.#folder.pathOf(part), 'it is missing')
      }
      for (const row of rows) records.push(recordOf(row))
    }
    if (records.length !== found.recordCount) {
      const why = `it speaks of ${found.recordCount} records, its parts have ${records.length}`
      throw new DamagedFileError(this.#folder.pathOf(name), why)
    }
    const { sequence, generation, outOfStep } = found
    return { sequence, generation, outOfStep, records }
  }

  /** Those there are, the latest first. */
  async #epochs(): Promise<number[]> {
    const names = await this.#folder.list()
    return names
      .flatMap((name) => {
        const digits = CHECKPOINT_NAME.exec(name)?.[1]
        return digits === undefined ? [] : [Number(digits)]
      })
      .sort((a, b) => b - a)
  }

  async #removeOthers(epoch: number, parts: readonly string[]): Promise<void> {
    for (const other of await this.#epochs()) {
      if (other < epoch) await this.#folder.remove(nameOf(other))
    }
    const kept = new Set(parts)
    for (const name of await this.#folder.list(PARTS)) {
      const path = `${PARTS}/${name}`
      if (!kept.has(path)) await this.#folder.removeFleeting(path)
    }
  }
}

function nameOf(epoch: number): string {
  return `checkpoint-${epoch.toString().padStart(16, '0')}`
}

function* partsOf(model: CentralModel): Generator<Row[]> {
  let rows: Row[] = []
  for (const { storeId, sku, qty, reserved, version, updatedAt, deleted } of model.records()) {
    rows.push([storeId, sku, qty, reserved, version, updatedAt, deleted ? 1 : 0])
    if (rows.length < RECORDS_PER_PART) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

function recordOf([storeId, sku, qty, reserved, version, updatedAt, deleted]: Row): CentralRecord {
  return { storeId, sku, qty, reserved, version, updatedAt, deleted: deleted === 1 }
}
