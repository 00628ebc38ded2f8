// What only the real file system can show; the rest is in file-system-contract.test.ts.
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import t from 'tap'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { bytesOf } from './text.ts'

/** What a pipe holds, see pipe(7); an append of more is made by another thread. */
const pipeBytes = 65_536
const onLinux = { skip: existsSync('/dev/full') ? false : 'needs the devices of Linux' }

t.test('errors of the device come through as they are', onLinux, async (t) => {
  const file = await new NodeFileSystem().open('/dev/full', 'append')
  await t.rejects(file.append(bytesOf('x')), { code: 'ENOSPC', syscall: 'write' })
  await t.rejects(file.syncData(), { code: 'EINVAL', syscall: 'fdatasync' })
  await file.close()
})

t.test('a call refused before it starts does not keep close waiting', onLinux, async (t) => {
  const file = await new NodeFileSystem().open('/dev/full', 'read')
  await t.rejects(file.read(new Uint8Array(1), 0.5), { code: 'ERR_OUT_OF_RANGE' })
  await file.close()
})

t.test('close waits for a write that the kernel holds up', onLinux, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bincard-pipe-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const pipe = await new NodeFileSystem().open(path, 'append')
  await pipe.append(new Uint8Array(pipeBytes))

  const longerThanThePipe = new Uint8Array(pipeBytes + 1)
  const heldUp = pipe.append(longerThanThePipe)
  let closed = false
  const closing = pipe.close().then(() => (closed = true))
  await stat(path)
  t.equal(closed, false)
  const reader = createReadStream(path).resume()
  t.equal(await heldUp, longerThanThePipe.length)
  await closing
  t.equal(closed, true)
  await finished(reader)
})
