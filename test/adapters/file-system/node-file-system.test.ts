// What only the real file system can show; the rest is in file-system-contract.test.ts.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { bytesOf } from './text.ts'

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
  const pipeBytes = 65_536
  await pipe.append(new Uint8Array(pipeBytes))

  const heldUp = pipe.append(bytesOf('last'))
  let closed = false
  const closing = pipe.close().then(() => (closed = true))
  await stat(path)
  t.equal(closed, false)
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  t.equal(readSync(reader, new Uint8Array(pipeBytes)), pipeBytes)
  t.equal(await heldUp, 4)
  await closing
  t.equal(closed, true)
  closeSync(reader)
})
