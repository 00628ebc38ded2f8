import type { Writable } from 'node:stream'
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** Shows how many rows have their answer; a larger total than expected widens the bar. */
  show(answered: number): void
  end(): void
}

const SILENT: Progress = { show: () => undefined, end: () => undefined }

/** A bar on a terminal, nothing elsewhere; `total` rows are expected, 0 when nobody knows. */
export function progressOn(stream: Writable & { readonly isTTY?: boolean }, total: number): Progress {
  if (stream.isTTY !== true) return SILENT
  const format =
    total === 0
      ? '{value} rows | {duration_formatted}'
      : '{bar} {percentage}% | {value}/{total} rows | {duration_formatted} | ETA {eta_formatted}'
  const bar = new SingleBar({ stream, format, hideCursor: true, etaBuffer: 1000 }, Presets.shades_classic)
  bar.start(total, 0)
  return {
    show: (answered) => {
      // Before the first answer there is nothing to tell a speed from.
      if (answered === 0) return
      if (total > 0 && answered > bar.getTotal()) bar.setTotal(answered)
      bar.update(answered)
    },
    end: () => {
      bar.stop()
    }
  }
}
