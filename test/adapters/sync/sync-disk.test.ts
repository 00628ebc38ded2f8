import fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nodeSyncDisk } from '../../../adapters/sync/sync-disk.ts'

// The simulated disk of the crash tests does the same in the same order.
t.test('a file has all of its bytes, synced where that is asked, before it gets its name', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'file')
  const isOurs = (inode: number): boolean =>
    fs.readdirSync(folder).some((name) => fs.statSync(join(folder, name)).ino === inode)
  const { fsync, rename } = fs
  const steps: string[] = []
  const spied = {
    fsync: (descriptor: number, done: fs.NoParamCallback) => {
      const { ino, size } = fs.fstatSync(descriptor)
      if (isOurs(ino)) steps.push(`sync ${size} bytes`)
      fsync(descriptor, done)
    },
    rename: (from: string, to: string, done: fs.NoParamCallback) => {
      if (to === path) steps.push(`rename ${fs.statSync(from).size} bytes`)
      rename(from, to, done)
    }
  }
  Object.assign(fs, spied)
  t.teardown(() => Object.assign(fs, { fsync, rename }))
  await nodeSyncDisk.replace(path, Buffer.alloc(70_000, 'x'), true)
  t.strictSame(steps.splice(0), ['sync 70000 bytes', 'rename 70000 bytes'])
  await nodeSyncDisk.replace(path, Buffer.from('shorter'), false)
  t.strictSame(steps, ['rename 7 bytes'])
  t.equal(fs.readFileSync(path, 'utf8'), 'shorter')
  t.strictSame(fs.readdirSync(folder), ['file'], 'nothing unfinished is left')
})
