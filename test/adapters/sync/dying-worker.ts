import { parentPort, workerData } from 'node:worker_threads'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// Dies at once the first two times that it is started, and then is the real one.
const path = join((workerData as { dataFolder: string }).dataFolder, 'starts')
appendFileSync(path, '.')
if (parentPort !== null && existsSync(path) && readFileSync(path).length <= 2)
  throw new Error('dead on arrival')
await import('../../../adapters/sync/worker-thread.ts')
