import { open, type FileHandle } from 'node:fs/promises'
import { csvLine } from '../csv-line.ts'

/** A row that was not applied, and why. */
export interface RefusedRow {
  readonly row: number
  readonly cells: readonly string[]
  readonly code: string
  readonly message: string
}

/** The file of refused rows: a CSV of the row number, the input's own columns, the code and the message. */
export class RefusedRows {
  readonly #file: FileHandle
  readonly #width: number
  #bytes: number

  private constructor(file: FileHandle, width: number, bytes: number) {
    this.#file = file
    this.#width = width
    this.#bytes = bytes
  }

  /** Begins the file anew with its header line. */
  static async begin(path: string, columns: readonly string[]): Promise<RefusedRows> {
    const refused = new RefusedRows(await open(path, 'w'), columns.length, 0)
    await refused.#write(csvLine(['refused_row', ...columns, 'refused_code', 'refused_message']))
    return refused
  }

  /**
   * Goes on after the first `bytes` of the file: what lies behind them has no answer in the journal and will come
   * again. Undefined when the file is not there or shorter.
   */
  static async goOn(
    path: string,
    columns: readonly string[],
    bytes: number
  ): Promise<RefusedRows | undefined> {
    const file = await open(path, 'r+').catch(() => undefined)
    if (file === undefined) return undefined
    if ((await file.stat()).size < bytes) {
      await file.close()
      return undefined
    }
    await file.truncate(bytes)
    return new RefusedRows(file, columns.length, bytes)
  }

  /** The length of the file. */
  get bytes(): number {
    return this.#bytes
  }

  async append(rows: readonly RefusedRow[]): Promise<void> {
    if (rows.length === 0) return
    const lines = rows.map(({ row, cells, code, message }) =>
      csvLine([String(row), ...fitted(cells, this.#width), code, message])
    )
    await this.#write(lines.join(''))
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #write(text: string): Promise<void> {
    let rest: Uint8Array = Buffer.from(text)
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.write(rest, 0, rest.length, this.#bytes)
      this.#bytes += bytesWritten
      rest = rest.subarray(bytesWritten)
    }
  }
}

/** As many cells as there are columns, so that code and message stand in theirs: what is too much shares the last. */
function fitted(cells: readonly string[], width: number): string[] {
  if (cells.length <= width) return [...cells, ...new Array<string>(width - cells.length).fill('')]
  return [...cells.slice(0, width - 1), cells.slice(width - 1).join(',')]
}
