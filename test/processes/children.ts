import { readdir, readFile } from 'node:fs/promises'

/** The processes that this one has started and that still live. Throws where the machine has no /proc (Linux). */
export async function childrenOf(pid: number): Promise<number[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(processes.map((process) => parentOf(process)))
  return processes.filter((_process, index) => parents[index] === pid)
}

/** Resolves when none of these processes runs any more. */
export async function untilGone(processes: readonly number[]): Promise<void> {
  for (const process of processes) while ((await parentOf(process)) !== undefined) await nextTurn()
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Undefined for one that is gone, or that only waits to be buried. */
async function parentOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field, in parentheses, is the program's name and may hold blanks.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}
