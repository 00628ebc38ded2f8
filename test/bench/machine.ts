import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import { NodeFileSystem } from '../../adapters/file-system/node-file-system.ts'
import { percentile } from './statistics.ts'
import { withFolder } from './servers.ts'

const syncs = 1000
const frameBytes = 256

const fileSystems: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x794c7630, 'overlay'],
  [0x01021994, 'tmpfs (nothing is durable here)']
])

/** What the figures were taken on, in lines for people. */
export async function machineLines(folder: string): Promise<string[]> {
  const model = cpus()[0]?.model ?? 'unknown CPU'
  const { type } = await statfs(folder)
  const { p50, p99 } = await syncLatency(folder)
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return [
    `Node ${process.version} on ${process.platform} ${release()}, ${availableParallelism()} x ${model.trim()}, load ${load}`,
    `disk ${fileSystems.get(type >>> 0) ?? `of type 0x${type.toString(16)}`}: a write of ${frameBytes} bytes and its ` +
      `fdatasync take p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms (${syncs} times)`
  ]
}

/** A write the size of a typical frame, and its sync, one after the other; milliseconds. */
async function syncLatency(folder: string): Promise<{ p50: number; p99: number }> {
  return await withFolder(folder, async (within) => {
    const file = await new NodeFileSystem().open(join(within, 'syncs'), 'create')
    const frame = Buffer.alloc(frameBytes, 'x')
    const durations: number[] = []
    try {
      for (let count = 0; count < syncs; count += 1) {
        const started = performance.now()
        await file.append(frame)
        await file.syncData()
        durations.push(performance.now() - started)
      }
    } finally {
      await file.close()
    }
    return { p50: percentile(durations, 0.5), p99: percentile(durations, 0.99) }
  })
}
