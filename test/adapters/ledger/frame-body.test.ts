import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseFrame } from '../../../adapters/wal/frame-body.ts'
import type { UnitFrame } from '../../../adapters/wal/frame.ts'
import { sequencedEvents, type LoggedUnit } from '../../../domain/logged-unit.ts'
import { holds } from '../../domain/property.ts'
import { drawnFrame } from './drawn-frames.ts'

t.test('events are read from a frame as its JSON has them', async (t) => {
  const counts = { frames: 0, parsed: 0 }
  const { parse } = JSON
  const property = fc.property(drawnFrame, (unit) => {
    const body = JSON.stringify(unit)
    counts.frames += 1
    JSON.parse = (...given) => {
      if (given[0] === body) counts.parsed += 1
      return parse(...given) as unknown
    }
    let parsed
    try {
      parsed = parseFrame(body)
    } finally {
      JSON.parse = parse
    }
    deepStrictEqual(
      sequencedEvents(parsed as UnitFrame, 41),
      sequencedEvents(parse(body) as LoggedUnit, 41),
      body
    )
    deepStrictEqual(parsed, parse(body), body)
  })
  holds(t, 'a frame', property, 3000)
  const share = counts.parsed / counts.frames
  t.ok(share > 0.25 && share < 0.75, `${share} of the frames were parsed as JSON, the others taken apart`)
})
