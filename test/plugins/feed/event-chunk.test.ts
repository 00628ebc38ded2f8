import t from 'tap'
import type { SequencedEvent } from '../../../domain/unit.ts'
import { EventChunk } from '../../../plugins/feed/event-chunk.ts'
import { EventChunks } from '../../../plugins/feed/event-chunks.ts'
import { renderEvent } from '../../../plugins/schemas/rendered-event.ts'

function eventAt(sequence: number): SequencedEvent {
  const reason = sequence % 3 === 0 ? '},{"offset":' : 'Zähl\u{1f600}ung'
  const facts = { storeId: 'S', sku: `k${sequence}`, base: '', delta: 1, qty: sequence, reserved: 0 }
  return {
    sequence,
    at: 1000 + sequence,
    unitId: `w-${sequence}`,
    event: { type: 'adjusted', ...facts, version: sequence, reason }
  }
}

const eventsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => eventAt(first + index))

t.test('a chunk grows by what comes next, whatever else it is given', async (t) => {
  const chunk = new EventChunk(11)
  t.equal(chunk.last, 10)
  chunk.append(eventsFrom(11, 3))
  chunk.append([])
  chunk.append(eventsFrom(12, 5))
  chunk.append(eventsFrom(11, 6))
  t.equal(chunk.last, 16)
  for (const [first, last] of [
    [11, 16],
    [11, 11],
    [16, 16],
    [13, 14]
  ] as const) {
    t.equal(
      `[${chunk.slice(first, last).toString()}]`,
      JSON.stringify(eventsFrom(first, last - first + 1).map(renderEvent))
    )
  }
  t.match(chunk.facts(14), {
    eventType: 'inventory_updated',
    storeId: 'S',
    recordStoreId: 'S',
    productId: 'k14'
  })
  t.throws(() => chunk.facts(17))
})

/** A log that answers when it is told to. */
function slowLog(length: number, oldest = 1) {
  const asked: { readonly first: number; readonly limit: number }[] = []
  const waiting: (() => void)[] = []
  const log = { length, oldest }
  const chunks = new EventChunks({
    read: async (first, limit) => {
      asked.push({ first, limit })
      await new Promise<void>((resolve) => waiting.push(resolve))
      return eventsFrom(first, Math.min(limit, log.length - first + 1))
    },
    oldest: () => log.oldest,
    now: () => 0,
    charge: () => undefined
  })
  const answer = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const covers = async (first: number, last: number) => {
    const covering = await chunks.covering(first, last)
    return [covering[0]?.first, covering.at(-1)?.last]
  }
  return { asked, answer, chunks, log, covers }
}

t.test('who needs events that are being read waits for them', async (t) => {
  const { asked, answer, covers } = slowLog(2000)
  const one = covers(1, 1000)
  const other = covers(200, 700)
  const longer = covers(900, 1100)
  await answer()
  await answer()
  t.strictSame(await one, [1, 1024])
  t.strictSame(await other, [1, 768])
  t.strictSame(await longer, [769, 1280])
  t.strictSame(asked, [
    { first: 1, limit: 1024 },
    { first: 1025, limit: 256 }
  ])
})

t.test('the end of the log is read as far as it has come', async (t) => {
  const { asked, answer, chunks, log, covers } = slowLog(300)
  const first = covers(290, 300)
  await answer()
  t.strictSame(await first, [257, 300])
  t.ok(chunks.has(260, 300))
  t.notOk(chunks.has(260, 301))
  log.length = 600
  const next = covers(301, 513)
  await answer()
  t.strictSame(await next, [257, 600])
  const before = covers(1, 600)
  await answer()
  t.strictSame(await before, [1, 600])
  t.strictSame(asked, [
    { first: 257, limit: 256 },
    { first: 301, limit: 468 },
    { first: 1, limit: 256 }
  ])
})

t.test('nothing is asked for that is no longer kept', async (t) => {
  const { asked, answer, covers } = slowLog(600, 300)
  const some = covers(300, 310)
  await answer()
  t.strictSame(await some, [300, 512])
  t.strictSame(asked, [{ first: 300, limit: 213 }])
})

t.test('what was read before retention came by is no hindrance', async (t) => {
  const { asked, answer, log, covers } = slowLog(280)
  const early = covers(257, 280)
  await answer()
  t.strictSame(await early, [257, 280])
  Object.assign(log, { length: 400, oldest: 300 })
  const late = covers(300, 400)
  await answer()
  t.strictSame(await late, [300, 400])
  t.strictSame(asked.at(-1), { first: 300, limit: 213 })
})

t.test('a read that fails fails for all who wait for it, and the next one is tried', async (t) => {
  let isBroken = true
  const chunks = new EventChunks({
    read: async (first, limit) => {
      if (isBroken) throw new Error('EIO')
      return eventsFrom(first, limit)
    },
    oldest: () => 1,
    now: () => 0,
    charge: () => undefined
  })
  await Promise.all([
    t.rejects(chunks.covering(1, 600), { message: 'EIO' }),
    t.rejects(chunks.covering(300, 310), { message: 'EIO' })
  ])
  isBroken = false
  t.equal((await chunks.covering(1, 600)).length, 3)
})
