import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** The kernel counts processor time for programs in hundredths of a second, on every machine (USER_HZ). */
const ticksPerSecond = 100

/** A process's resident set, in bytes. Throws where the machine has no /proc (Linux). */
export async function residentBytes(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return { now: field(status, 'VmRSS'), most: field(status, 'VmHWM') }
}

/** Does the work and tells the largest resident set that the process had meanwhile, as looked at ten times a second. */
export async function whileMemoryWatched<Result>(
  pid: number,
  work: () => Promise<Result>
): Promise<{ result: Result; peakBytes: number }> {
  const ending = new AbortController()
  const watch = async (): Promise<number> => {
    let peakBytes = 0
    while (!ending.signal.aborted) {
      peakBytes = Math.max(peakBytes, (await residentBytes(pid)).now)
      await delay(100, undefined, { signal: ending.signal }).catch(() => undefined)
    }
    return peakBytes
  }
  const watching = watch()
  try {
    const result = await work()
    ending.abort()
    return { result, peakBytes: await watching }
  } finally {
    ending.abort()
  }
}

/** The processor time that a process has used, all threads and the kernel's part, in seconds. Throws as above. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field, in parentheses, is the program's name and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [fields[11], fields[12]].map(Number)
  return ((user ?? NaN) + (system ?? NaN)) / ticksPerSecond
}

function field(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`/proc has no ${name}`)
  return Number(kibibytes) * 1024
}
