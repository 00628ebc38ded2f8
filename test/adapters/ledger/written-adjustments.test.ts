import { equal } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { writtenAdjustment } from '../../../adapters/wal/written-adjustments.ts'
import { sequencedEvents, type LoggedUnit } from '../../../domain/logged-unit.ts'
import { printEvent } from '../../../plugins/feed/printed-event.ts'
import { holds } from '../../domain/property.ts'
import { drawnFrame } from './drawn-frames.ts'

t.test('an adjustment in the words of the log is printed as the event that its JSON has', async (t) => {
  const counts = { frames: 0, written: 0 }
  const property = fc.property(drawnFrame, (unit) => {
    const body = JSON.stringify(unit)
    const written = writtenAdjustment(body, 41)
    counts.frames += 1
    if (written === undefined) return
    counts.written += 1
    const events = sequencedEvents(JSON.parse(body) as LoggedUnit, 41)
    equal(events.length, 1)
    equal(printEvent(written), events.map((event) => printEvent(event)).join())
  })
  holds(t, 'a frame', property, 3000)
  const share = counts.written / counts.frames
  t.ok(share > 0.25 && share < 0.75, `${share} of the frames were taken in their own words`)
})
