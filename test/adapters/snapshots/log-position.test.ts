// A position that was captured judges the marks of others as the one it was captured of, however far it has come.
import t from 'tap'
import type { DurableMark } from '../../../adapters/wal/frame.ts'
import { LogPosition } from '../../../adapters/wal/log-position.ts'

for (const frames of [0, 10, 32_767, 32_768, 50_000]) {
  t.test(`after ${frames} frames`, async (t) => {
    const position = new LogPosition(1)
    const marks: DurableMark[] = [position.mark]
    for (let frame = 1; frame <= frames; frame += 1) {
      if (frame % 20_000 === 0) position.enter(frame)
      position.pass(position.offset + 100, frame * 2_654_435)
      if (frame % 97 === 0 || frame > frames - 3) marks.push(position.mark)
    }
    const again = new LogPosition(position.capture())
    const asked = marks.flatMap(([segment, offset, chain]): DurableMark[] => [
      [segment, offset, chain],
      [segment, offset, chain ^ 1],
      [segment, offset + 1, chain]
    ])
    const verdicts = new Set(asked.map((mark) => position.agrees(mark)))
    for (const both of [position, again]) {
      t.strictSame(
        asked.map((mark) => both.agrees(mark)),
        asked.map((mark) => position.agrees(mark))
      )
      both.pass(both.offset + 7, 99)
    }
    t.strictSame(again.mark, position.mark)
    t.equal(verdicts.has(undefined), frames > 32_766, 'what is too far back is not judged')
    t.ok(verdicts.has(true) && verdicts.has(false))
  })
}
