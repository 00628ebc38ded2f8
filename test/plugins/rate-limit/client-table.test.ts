import t from 'tap'
import { ClientTable } from '../../../plugins/rate-limit/client-table.ts'
import { SlidingWindowLimiter } from '../../../plugins/rate-limit/sliding-window.ts'
import { TokenBucketLimiter } from '../../../plugins/rate-limit/token-bucket.ts'

/** A state that counts until the time has come. */
interface Held {
  until: number
}

function heldStates(options: {
  clientsMax: number
  sharedMax: number
  groupOf?: (client: string) => string
}) {
  const looks = { count: 0 }
  const table = new ClientTable<Held>(
    {
      create: () => ({ until: 0 }),
      copy: (state) => ({ ...state }),
      isFresh: ({ until }, now) => {
        looks.count++
        return until <= now
      }
    },
    options
  )
  /** Lets the client's state count until that time. */
  const hold = (client: string, now: number, until: number): Held => {
    const state = table.stateOf(client, now)
    state.until = Math.max(state.until, until)
    return state
  }
  return { table, hold, looks }
}

t.test('a client has one state as long as it counts', async (t) => {
  const { table, hold } = heldStates({ clientsMax: 10, sharedMax: 2 })
  const state = hold('a', 0, 100)
  t.equal(table.stateOf('a', 50), state)
  t.not(hold('b', 50, 100), state)
  t.equal(table.size, 2)
})

t.test('a table full of states that count drops none: others share', async (t) => {
  const { table, hold } = heldStates({ clientsMax: 10, sharedMax: 4 })
  const held = Array.from({ length: 10 }, (_, client) => hold(`first-${client}`, 0, 1000))
  const others = new Set(Array.from({ length: 1000 }, (_, client) => hold(`other-${client}`, 1, 1000)))
  t.equal(others.size, 4, 'all the shared states are in use')
  t.equal(table.size, 14)
  held.forEach((state, client) => t.equal(table.stateOf(`first-${client}`, 2), state))
  t.strictSame(
    [...table.states()].map(([client]) => client).filter((client) => /^shared-[0-3]$/.test(client)).length,
    4
  )
})

t.test('who shares a state cannot tell or choose with whom', async (t) => {
  const companions = () => {
    const { hold } = heldStates({ clientsMax: 1, sharedMax: 1000 })
    hold('first', 0, 1000)
    const states = Array.from({ length: 100 }, (_, client) => hold(`other-${client}`, 1, 1000))
    return states.map((state) => states.indexOf(state)).join()
  }
  t.not(companions(), companions(), 'another process has others together')
})

t.test('clients of one group share one state', async (t) => {
  const { hold, table } = heldStates({
    clientsMax: 1,
    sharedMax: 1000,
    groupOf: (client) => client.slice(0, 1)
  })
  hold('first', 0, 1000)
  t.equal(hold('a1', 1, 1000), hold('a2', 1, 1000))
  for (let client = 0; client < 1000; client++) hold(`a${client}`, 1, 1000)
  t.equal(table.size, 2)
})

t.test('what counts for nothing makes room, and a state that was shared goes on', async (t) => {
  const { table, hold } = heldStates({ clientsMax: 10, sharedMax: 1 })
  for (let client = 0; client < 10; client++) hold(`first-${client}`, 0, 1000)
  hold('other', 1, 5000)
  const own = table.stateOf('other', 2000)
  t.equal(own.until, 5000, 'with what was counted there')
  own.until = 9000
  t.equal(table.stateOf('another', 2000).until, 5000, 'and apart from then on')
  for (let client = 0; client < 10; client++) table.stateOf(`late-${client}`, 6000)
  t.notOk(
    [...table.states()].some(([client]) => client.startsWith('first')),
    'what was before is gone'
  )
  t.notOk([...table.states()].some(([client]) => client.startsWith('shared')))
})

t.test('no request looks at more than two others', async (t) => {
  const { hold, looks } = heldStates({ clientsMax: 1000, sharedMax: 10 })
  let most = 0
  for (let client = 0; client < 10_000; client++) {
    const before = looks.count
    hold(`client-${client}`, client, client + (client % 3 === 0 ? 20_000 : 10))
    most = Math.max(most, looks.count - before)
  }
  t.equal(most, 3, 'besides the state that it shares')
})

t.test('sizes that make no sense are refused', async (t) => {
  for (const sizes of [
    { clientsMax: 0, sharedMax: 1 },
    { clientsMax: 1, sharedMax: 0.5 }
  ]) {
    t.throws(() => heldStates(sizes), /must be a whole number of at least 1/)
  }
})

const windowMs = 60_000

t.test(
  'a million addresses take no more memory than the table allows, and let nobody in again',
  async (t) => {
    const addressOf = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
    const exhausted = '192.0.2.1'
    for (const limiter of [
      new SlidingWindowLimiter({ type: 'ip', limit: 3, windowMs }),
      new TokenBucketLimiter({ requestsPerSecond: 1, burst: 3 })
    ]) {
      for (let request = 0; request < limiter.limit; request++) limiter.take(exhausted, 0)
      let largest = 0
      for (let n = 0; n < 1_000_000; n++) {
        // All of them within a second, as the flood's own time is not what is tested.
        limiter.take(addressOf(n), Math.floor(n / 1001))
        largest = Math.max(largest, limiter.size)
      }
      t.ok(largest <= 20_000 + 1024 + 1, `${limiter.rule}: ${largest} states`)
      t.notOk(limiter.take(exhausted, 999).allowed, limiter.rule)
    }
  }
)

t.test('a flood that has passed leaves the table to who comes then', async (t) => {
  const limiter = new SlidingWindowLimiter({ type: 'ip', limit: 2, windowMs, clientsMax: 100, sharedMax: 4 })
  for (let n = 0; n < 10_000; n++) limiter.take(`flood-${n}`, n % 10)
  t.notOk(limiter.take('caller', 20).allowed, 'in the flood it shares')
  const now = 2 * windowMs
  const callers = Array.from({ length: 100 }, (_, n) => limiter.take(`caller-${n}`, now))
  t.ok(callers.every(({ allowed, remaining }) => allowed && remaining === 1))
})
