import t from 'tap'
import { Breaker, type BreakerOptions } from '../../../adapters/resilience/breaker.ts'

class Broken extends Error {}
class Refused extends Error {}

function make(options: Partial<BreakerOptions> = {}) {
  const time = { now: 5000 }
  const isFailure = (error: Error): boolean => error instanceof Broken
  const breaker = new Breaker({
    name: 'disk',
    threshold: 0.5,
    cooldownMs: 1000,
    now: () => time.now,
    isFailure,
    ...options
  })
  const states: string[] = []
  breaker.onChange((state) => states.push(state))
  const succeed = (): Promise<string> => breaker.run(async () => 'done')
  const fail = (error = new Broken('broken')): Promise<unknown> =>
    breaker.run(() => Promise.reject(error)).catch((thrown: unknown) => thrown)
  return { breaker, time, states, succeed, fail }
}

t.test('it opens once more than the share of the last calls has failed, of so many at least', async (t) => {
  const { breaker, states, succeed, fail } = make()
  for (let call = 0; call < 9; call += 1) await fail()
  t.equal(breaker.state, 'closed', 'nine calls say nothing')
  t.equal(breaker.failures, 9)
  await fail()
  t.equal(breaker.state, 'open')
  t.strictSame(states, ['open'])
  t.equal(breaker.openings, 1)
  t.equal(breaker.retryAfterMs, 1000)
  await t.rejects(succeed(), { name: 'BreakerOpenError', breaker: 'disk', retryAfterMs: 1000 })
})

t.test('half of the calls may fail, and what is no failure of it does not count', async (t) => {
  const { breaker, succeed, fail } = make()
  for (let call = 0; call < 50; call += 1) {
    await succeed()
    await fail()
    t.ok((await fail(new Refused('no'))) instanceof Refused)
  }
  t.equal(breaker.state, 'closed')
  await fail()
  t.equal(breaker.state, 'open', 'one more than half of the last hundred')
})

t.test('after the cooldown one call tries: it alone, and closes it or opens it again', async (t) => {
  const { breaker, time, states, succeed, fail } = make()
  for (let call = 0; call < 10; call += 1) await fail()
  time.now += 999
  await t.rejects(succeed(), { name: 'BreakerOpenError', retryAfterMs: 1 })
  time.now += 1
  const probe = fail()
  t.equal(breaker.state, 'half-open')
  await t.rejects(succeed(), { name: 'BreakerOpenError' }, 'a second one is refused meanwhile')
  t.ok((await probe) instanceof Broken)
  t.equal(breaker.retryAfterMs, 1000, 'the cooldown begins again')
  time.now += 1000
  t.equal(await succeed(), 'done')
  t.strictSame(states, ['open', 'half-open', 'open', 'half-open', 'closed'])
  t.equal(breaker.failures, 0)
  t.equal(await succeed(), 'done')
})

t.test('one failure opens it where it says enough', async (t) => {
  const { breaker, states } = make()
  breaker.trip(new Broken('a sync'))
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(states, ['open'])
})

t.test('while it is held it is open, and afterwards what was before is forgotten', async (t) => {
  const { breaker, succeed, fail } = make()
  for (let call = 0; call < 9; call += 1) await fail()
  const wait = { ms: 700 }
  const release = breaker.hold(() => wait.ms)
  t.equal(breaker.state, 'open')
  await t.rejects(succeed(), { name: 'BreakerOpenError', retryAfterMs: 700 })
  wait.ms = 0
  t.equal(await succeed(), 'done', 'who holds it is asked itself')
  t.equal(breaker.state, 'open')
  release()
  t.equal(breaker.state, 'closed')
  await fail()
  t.equal(breaker.state, 'closed')
})
