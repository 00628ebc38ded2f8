import t from 'tap'
import { WritePace } from '../../../plugins/feed/write-pace.ts'
import { ManualTime } from './manual-time.ts'

t.test('writes come thick from twenty events a second on', async (t) => {
  const time = new ManualTime()
  let sequence = 5000
  const pace = new WritePace(time, () => sequence)
  t.equal(pace.isThick(), false)
  sequence += 500
  t.equal(pace.isThick(), false, 'a moment says nothing')
  time.advance(250)
  t.equal(pace.isThick(), true)
  time.advance(100)
  t.equal(pace.isThick(), true)
  time.advance(150)
  t.equal(pace.isThick(), false, 'the last quarter of a second counts')
  sequence += 5
  time.advance(250)
  t.equal(pace.isThick(), false)
  sequence += 6
  time.advance(250)
  t.equal(pace.isThick(), true)
  sequence += 1000
  time.advance(60_000)
  t.equal(pace.isThick(), false, 'or as long as nobody asked')
})
