// What is kept of a frame keeps the frame itself in memory no longer than it is read.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { parseFrame } from '../../../adapters/wal/frame-body.ts'
import type { UnitFrame } from '../../../adapters/wal/frame.ts'
import { StockBook } from '../../../domain/book.ts'
import { CentralModel } from '../../../domain/central-model.ts'
import { sequencedEvents } from '../../../domain/logged-unit.ts'

/** Two full blocks of remembered answers: the newest ones, which no block holds yet, keep their events. */
const frames = 2048
const bodyBytes = 20_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The frame of a new record with a long id, a long unit id, a key and a reason that makes its body as long as is said. */
function frameOf(number: number): UnitFrame {
  const storeId = `store-${number % 3}-with-a-long-name`
  const sku = `a-stock-keeping-unit-${number}`
  const facts = { storeId, sku, base: '', delta: 1, qty: 1, reserved: 0, version: 1 }
  const answer = {
    key: `anonymous a-long-key-${number}`,
    fingerprint: 'of the request',
    until: 1e12,
    lines: [0]
  }
  return parseFrame(
    JSON.stringify({
      id: `a-writer-with-a-long-name-${number + 1}`,
      at: 100,
      events: [{ type: 'adjusted', ...facts, reason: 'r'.repeat(bodyBytes) }],
      answers: [answer]
    })
  ) as UnitFrame
}

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

t.test('a state holds nothing of the frames that led to it', async (t) => {
  const kept: { apply: (unit: UnitFrame, sequence: number) => void; count: () => number }[] = []
  const book = new StockBook()
  kept.push({ apply: (unit) => book.apply(unit), count: () => book.recordCount })
  const model = new CentralModel()
  const applyToModel = (unit: UnitFrame, sequence: number): void => {
    for (const event of sequencedEvents(unit, sequence)) model.apply(event)
  }
  kept.push({ apply: applyToModel, count: () => model.recordCount })
  for (const { apply, count } of kept) {
    const before = heapBytes()
    for (let number = 0; number < frames; number += 1) apply(frameOf(number), number + 1)
    const perFrame = (heapBytes() - before) / frames
    t.equal(count(), frames)
    t.ok(
      perFrame < bodyBytes / 10,
      `${Math.round(perFrame)} bytes of the heap for each frame of ${bodyBytes}`
    )
  }
})
