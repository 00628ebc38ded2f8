import { totalmem } from 'node:os'
import type { Read, WatchedFigure } from './watched-figures.ts'

/** Shows how much memory there is for this process, to be compared with what it takes. */
export function watchMemory(watch: (figure: WatchedFigure, read: Read) => void, prefix: string): void {
  watch(
    {
      name: `${prefix}memory_limit_bytes`,
      help: 'Memory there is: the limit of the container, or all of the machine',
      aggregator: 'max'
    },
    () => [[{}, memoryLimitBytes(process.constrainedMemory(), totalmem())]]
  )
}

/** Without a limit the system says 0, or more than there is. */
export function memoryLimitBytes(constrainedBytes: number, totalBytes: number): number {
  return constrainedBytes > 0 ? Math.min(constrainedBytes, totalBytes) : totalBytes
}
