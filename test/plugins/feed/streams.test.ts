import t from 'tap'
import { EventsGoneError } from '../../../domain/ledger.ts'
import { feedFixture } from './fixture.ts'

/** The ids of the events in a piece of an event stream. */
function idsIn(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
}

t.test('a stream brings the events in their order, as Server-Sent Events', async (t) => {
  const { feed, settle, write } = feedFixture()
  await write('a', 'b')
  const stream = feed.stream(2, {})
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await settle()
  t.match(text, /^: from offset 2\n\nid: 2\nevent: inventory_updated\ndata: \{"offset":2,.*\}\n\n$/)
  await write('c')
  await settle(20)
  t.strictSame(idsIn(text), [2, 3])
  t.equal(feed.waiting, 1)
  stream.destroy()
  await settle()
  t.equal(feed.waiting, 0)
})

t.test('a stream without events shows every 20 seconds that it is alive', async (t) => {
  const { time, feed, settle, write } = feedFixture()
  const texts = ['', '']
  const streams = texts.map((_, index) =>
    feed.stream(1, {}).on('data', (chunk: Buffer) => (texts[index] += chunk.toString()))
  )
  await settle()
  t.equal(time.timers, 1, 'one timer for all')
  await settle(20_100)
  await settle(20_100)
  for (const text of texts) t.equal(text, ': from offset 1\n\n: alive\n\n: alive\n\n')
  await write('a')
  await settle(100)
  for (const text of texts) t.strictSame(idsIn(text), [1])
  for (const stream of streams) stream.destroy()
  await settle()
  t.equal(time.timers, 0)
})

t.test('a filtered stream leaves out the others, however many', async (t) => {
  const { feed, settle, write } = feedFixture()
  await write('rare', ...Array.from({ length: 25_000 }, () => 'common'), 'rare')
  const stream = feed.stream(1, { productId: 'rare' })
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (let turn = 0; turn < 5; turn += 1) await settle(100)
  t.strictSame(idsIn(text), [1, 25_002])
  stream.destroy()
})

t.test('a client that does not read costs no more than a piece of the log', async (t) => {
  const { ledger, feed, settle, write } = feedFixture()
  await write(...Array.from({ length: 10_000 }, (_, index) => `k${index}`))
  ledger.reads = 0
  const stream = feed.stream(1, {})
  stream.read(0)
  for (let turn = 0; turn < 5; turn += 1) await settle(100)
  t.ok(stream.readableLength < 300_000, `${stream.readableLength} bytes wait`)
  t.ok(ledger.reads <= 4, `${ledger.reads} reads`)
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (let turn = 0; turn < 30; turn += 1) await settle(100)
  t.strictSame(
    idsIn(text),
    Array.from({ length: 10_000 }, (_, index) => index + 1),
    'and gets all of it when it does'
  )
  stream.destroy()
})

t.test('retention ends a stream that it overtakes, and refuses one that comes too late', async (t) => {
  const { feed, settle, write } = feedFixture({ eventsKeptMax: 1000 })
  await write(...Array.from({ length: 1000 }, () => 'a'))
  const stream = feed.stream(1, {})
  stream.read(0)
  await settle()
  await write(...Array.from({ length: 3000 }, () => 'a'))
  let text = ''
  let ended = false
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  stream.on('end', () => (ended = true))
  for (let turn = 0; turn < 5; turn += 1) await settle(100)
  const ids = idsIn(text)
  t.ok(ended)
  t.strictSame(
    ids,
    ids.map((_, index) => index + 1),
    'without a gap'
  )
  t.ok(ids.length < 1000)
  t.throws(() => feed.stream(3000, {}), EventsGoneError)
  t.equal(feed.waiting, 0)
})

t.test('streams end when the feed closes, and when the ledger does', async (t) => {
  for (const end of ['feed', 'ledger'] as const) {
    const { ledger, time, feed, settle, write } = feedFixture()
    await write('a')
    const ended: string[] = []
    for (const name of ['reading', 'not reading']) {
      const stream = feed.stream(1, {}).on('end', () => ended.push(name))
      if (name === 'reading') stream.resume()
    }
    await settle(100)
    if (end === 'feed') void feed.close()
    else await ledger.close()
    await settle(100)
    t.strictSame(ended, ['reading'])
    t.equal(feed.waiting, 0)
    t.equal(time.timers, 0)
  }
})
