import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FolderSyncStore } from '../../../adapters/sync/folder-sync-store.ts'

t.test('what writers that were killed have left is removed when it is old, and nothing else', async (t) => {
  const dataFolder = t.testdir()
  const folder = join(dataFolder, 'sync')
  mkdirSync(join(folder, 'dead-letters'), { recursive: true })
  const old = [
    'heartbeat.2849446041',
    'dead-letters/0000000000000003.77',
    'progress',
    'checkpoint-0000000000000001'
  ]
  const young = ['progress.1234']
  for (const name of [...old, ...young]) writeFileSync(join(folder, name), 'x')
  const twoHoursAgo = Date.now() / 1000 - 7200
  for (const name of old) utimesSync(join(folder, name), twoHoursAgo, twoHoursAgo)
  await FolderSyncStore.open(dataFolder, () => undefined)
  const left = (readdirSync(folder, { recursive: true }) as string[]).sort()
  t.strictSame(left, ['checkpoint-0000000000000001', 'dead-letters', 'progress', 'progress.1234'])
})
