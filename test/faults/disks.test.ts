// The service on disks of its own: one that is too small, and one that loses its power.
import { join } from 'node:path'
import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { FaultRun } from './fault-run.ts'
import { MountedDisk, noMounting, noPowerCuts } from './mounted-disk.ts'

const command = () => ({ arguments: [serverProgram] })

t.test('a disk that is full until it grows', { skip: noMounting() }, async (t) => {
  const disk = MountedDisk.memory('128k')
  t.teardown(() => disk.remove())
  const run = new FaultRun({
    seed: 20_261_122,
    dataFolder: join(disk.path, 'data'),
    command,
    answers: 400,
    harm: async (run) => {
      await run.until(() => run.unanswered > 20)
      disk.grow('16m')
    }
  })
  const { faults, ...counts } = await run.run()
  t.comment(JSON.stringify(counts))
  t.strictSame(faults, [])
  t.equal(counts.starts, 1, 'it takes writes again by itself')
  t.ok(counts.changes > 200, 'changes were acknowledged')
})

t.test('power cuts under load', { skip: noPowerCuts() }, async (t) => {
  const cuts = process.env['EXHAUSTIVE'] === '1' ? 12 : 1
  const disk = MountedDisk.image(32)
  t.teardown(() => disk.remove())
  const run = new FaultRun({
    seed: 20_261_123,
    dataFolder: join(disk.path, 'data'),
    command,
    answers: 100 * cuts,
    harm: async (run) => {
      for (let cut = 1; cut <= cuts; cut += 1) {
        await run.until(() => run.answered >= cut * 80)
        // Its last sync may come to an end after that, of which the kernel then says that all is well though it is not.
        await run.freeze()
        disk.cutPower()
        await run.restart(() => disk.restorePower())
      }
    }
  })
  const { faults, ...counts } = await run.run()
  t.comment(JSON.stringify(counts))
  t.strictSame(faults, [])
  t.equal(counts.starts, 1 + cuts)
  t.ok(counts.changes > 50 * cuts, 'changes were acknowledged')
})
