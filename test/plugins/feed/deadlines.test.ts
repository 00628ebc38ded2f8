import t from 'tap'
import { Deadlines } from '../../../plugins/feed/deadlines.ts'
import { ManualTime } from './manual-time.ts'

function begin() {
  const time = new ManualTime()
  const deadlines = new Deadlines(time)
  const expired: { readonly name: string; readonly at: number }[] = []
  const started = time.now()
  const expiring = (name: string) => ({
    expire: () => {
      expired.push({ name, at: time.now() - started })
    }
  })
  return { time, deadlines, expired, expiring }
}

t.test('a deadline comes up to a tenth of a second late, never early', async (t) => {
  const { time, deadlines, expired, expiring } = begin()
  const spans = [1, 99, 100, 101, 250, 1000, 60_000]
  time.advance(37)
  for (const span of spans) deadlines.add(expiring(String(span)), span)
  time.advance(61_000)
  t.strictSame(
    expired.map(({ name }) => Number(name)),
    spans
  )
  for (const { name, at } of expired) {
    const late = at - 37 - Number(name)
    t.ok(late >= 0 && late <= 100, `${name} ms: ${late} ms late`)
  }
})

t.test('there is one timer for all, and none for nobody', async (t) => {
  const { time, deadlines, expired, expiring } = begin()
  t.equal(time.timers, 0)
  const all = Array.from({ length: 5000 }, (_, index) => expiring(String(index)))
  for (const [index, one] of all.entries()) deadlines.add(one, 1 + (index % 60) * 1000)
  t.equal(time.timers, 1)
  for (const one of all.slice(1)) deadlines.remove(one)
  t.equal(time.timers, 1)
  time.advance(200)
  t.equal(expired.length, 1)
  t.equal(time.timers, 0, 'the last has expired')
  deadlines.add(all[1]!, 1000)
  deadlines.remove(all[1]!)
  deadlines.remove(all[1]!)
  t.equal(time.timers, 0, 'the last was removed')
  time.advance(10_000)
  t.equal(expired.length, 1)
})

t.test('what is added again has its new deadline only', async (t) => {
  const { time, deadlines, expired, expiring } = begin()
  const one = expiring('one')
  deadlines.add(one, 100)
  deadlines.add(one, 500)
  time.advance(400)
  t.same(expired, [])
  time.advance(300)
  t.equal(expired.length, 1)
})

t.test('after the process was busy for long, all that came due expire', async (t) => {
  const { time, deadlines, expired, expiring } = begin()
  const late = expiring('late')
  deadlines.add({ expire: () => deadlines.remove(late) }, 100)
  deadlines.add(late, 200)
  deadlines.add(expiring('later'), 300)
  time.spend(5000)
  time.advance(0)
  t.strictSame(
    expired.map(({ name }) => name),
    ['later'],
    'but for one that was removed by another'
  )
})
