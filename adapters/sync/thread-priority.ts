import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/**
 * Has the calling thread stand back where others want the processor: what is done beside answering requests is not to make
 * these wait. Linux gives each thread a priority of its own (setpriority(2), "C library/kernel differences"); elsewhere, and
 * where it is not allowed, all stays as it is.
 */
export function lowerThreadPriority(): void {
  try {
    const [thread] = /\d+$/.exec(readlinkSync('/proc/thread-self')) ?? []
    const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority
    const lower = Math.min(getPriority() + PRIORITY_BELOW_NORMAL, PRIORITY_LOW)
    if (thread !== undefined) setPriority(Number(thread), lower)
  } catch {
    // It works as well at any priority.
  }
}
