import type { MemoryFileSystem, ScheduledMoment } from '../../../adapters/file-system/memory-file-system.ts'

/** Holds back the next call of this operation at this moment. */
export function hold(fileSystem: MemoryFileSystem, operation: string, moment: ScheduledMoment['moment']) {
  const { schedule } = fileSystem
  let release!: () => void
  let reach!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const reached = new Promise<void>((resolve) => (reach = resolve))
  fileSystem.schedule = (at) => {
    if (at.operation !== operation || at.moment !== moment) return schedule(at)
    fileSystem.schedule = schedule
    reach()
    return released
  }
  return { reached, release }
}
