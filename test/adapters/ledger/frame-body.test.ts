import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseFrame, printFrame } from '../../../adapters/wal/frame-body.ts'
import type { UnitFrame } from '../../../adapters/wal/frame.ts'
import { sequencedEvents, type LoggedUnit } from '../../../domain/logged-unit.ts'
import { holds } from '../../domain/property.ts'
import { drawnBatch, drawnFrame } from './drawn-frames.ts'
import { plainUnit } from './plain-unit.ts'

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

t.test('what is printed is what is read', async (t) => {
  const counts = { columns: 0, others: 0 }
  const isEvent = (event: object) => 'base' in event || (event as { type: string }).type !== 'adjusted'
  const frames = drawnFrame.filter(({ events }) => events.every(isEvent))
  const property = fc.property(fc.oneof(frames, drawnBatch), (unit) => {
    const plainly = JSON.parse(JSON.stringify(unit)) as LoggedUnit
    const body = printFrame(unit)
    deepStrictEqual(parseFrame(body), plainly, body)
    const printed = JSON.parse(body) as LoggedUnit
    deepStrictEqual(plainUnit(printed), plainly, body)
    counts['adjusted' in printed || 'answered' in printed ? 'columns' : 'others'] += 1
  })
  holds(t, 'a frame', property, 3000)
  t.ok(counts.columns > 500 && counts.others > 500, `${counts.columns} in columns, ${counts.others} not`)
})

t.test('a unit of many lines is short', async (t) => {
  const facts = { type: 'adjusted', storeId: 'central', base: 'w-1', delta: 1, reserved: 0 } as const
  const events = ['a', 'b', 'c'].map((sku, index) => ({ ...facts, sku, qty: index, version: 7 }))
  const answers = ['k-1', 'k-2', 'k-3'].map((key, index) => ({
    ...{ key, fingerprint: `f ${key}`, until: 900 },
    lines: [index]
  }))
  const noted = events.map((event, index) => (index === 1 ? { ...event, reason: 'sale' } : event))
  t.equal(
    printFrame({ id: 'w-2', at: 1, events: noted, answers }),
    '{"id":"w-2","at":1,"adjusted":{"count":3,"storeId":"central","sku":["a","b","c"],"base":"w-1","delta":1,' +
      '"qty":[0,1,2],"reserved":0,"version":7,"reason":[null,"sale",null]},' +
      '"answered":{"count":3,"until":900,"key":["k-1","k-2","k-3"],"fingerprint":["f k-1","f k-2","f k-3"]}}'
  )
})
