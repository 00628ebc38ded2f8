import t from 'tap'
import { holding, instance, leaseFolder, leftIn } from './application.ts'

t.test('while one request holds a lease, others are turned away at once', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder, { nameField: 'sku' })
  const first = await holding(one, ['A'])
  const refused = await one.take(['A'])
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '1', 'whole seconds, at least one')
  t.equal(refused.headers['x-lock-key'], 'A')
  t.match(refused.json(), {
    code: 'LOCK_REJECTION_ERROR',
    message: 'Another request holds the lease of "A" in "S1"'
  })
  t.equal((await one.take(['B'])).statusCode, 200, 'another key is free')
  t.equal((await first.finish()).statusCode, 200)
  t.equal((await one.take(['A'])).statusCode, 200, 'with the answer the lease is given back')
  t.strictSame(await leftIn(folder), [])
  t.strictSame(one.counts, { acquired: 3, contended: 1 })
})

t.test('between processes as well, with the status and the time that were asked for', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const other = await instance(t, folder, { rejectStatus: 423, retryAfterMs: 1500 })
  const first = await holding(one, ['A'])
  const refused = await other.take(['A'])
  t.equal(refused.statusCode, 423)
  t.equal(refused.headers['retry-after'], '2')
  await first.finish()
  t.equal((await other.take(['A'])).statusCode, 200)
  t.strictSame(other.counts, { contended: 1, acquired: 1 })
  t.strictSame(await leftIn(folder), [])
})

t.test('each acquisition has a higher token than all before, whoever makes it', async (t) => {
  const folder = await leaseFolder(t)
  const both = [await instance(t, folder), await instance(t, folder)] as const
  const tokens: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const taken = await holding(both[round % 2 === 0 ? 0 : 1], ['A'])
    tokens.push(taken.token)
    await taken.finish()
  }
  t.strictSame(tokens, [1, 2, 3, 4, 5, 6])

  const together = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const taken = await holding(both[index % 2 === 0 ? 0 : 1], [`K${index}`])
      await taken.finish()
      return taken.token
    })
  )
  t.strictSame(
    together.sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, index) => index + 7),
    'no token twice, none lost'
  )
})

t.test('a batch takes all of its leases or none', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const other = await instance(t, folder)
  const first = await holding(one, ['B', 'A', 'B', 'A'])
  t.equal((await leftIn(folder)).length, 4, 'the same key twice is one lease: a lock and a file each')
  for (const at of [one, other]) {
    t.equal((await at.take(['C', 'B'])).statusCode, 503)
    t.equal((await at.take(['C'])).statusCode, 200, 'nothing is left of the batch that was refused')
  }
  await first.finish()
  t.equal((await other.take(['C', 'B'])).statusCode, 200)
  t.strictSame(await leftIn(folder), [])
})

t.test('more keys than the bound take no leases at all', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder, { keysMax: 2 })
  const first = await holding(one, ['A', 'B'])
  t.equal((await one.take(['A', 'B', 'A'])).statusCode, 503)
  t.equal((await one.take(['A', 'B', 'C'], ({ leases }) => ({ leases }))).json().leases, null)
  await first.finish()
})

t.test('requests of one holder share their leases', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const first = await holding(one, ['A'], 'till-4')
  const second = await holding(one, ['A', 'B'], 'till-4')
  t.ok(second.token > first.token, 'it has acquired another lease besides')
  t.equal((await one.take(['A'], undefined, 'till-5')).statusCode, 503)
  t.equal((await one.take(['A'])).statusCode, 503, 'who has no name is another')
  await first.finish()
  t.equal((await one.take(['A'])).statusCode, 503, 'the second holds it still')
  await second.finish()
  t.equal((await one.take(['A'])).statusCode, 200)
  t.strictSame(await leftIn(folder), [])
})

t.test('a repetition that comes while the first gives its lease back is not turned away', async (t) => {
  const one = await instance(t, await leaseFolder(t))
  for (let round = 0; round < 20; round += 1) {
    const first = await holding(one, ['A'], 'till-4')
    const answers = [first.finish(), one.take(['A'], undefined, 'till-4')]
    await new Promise((resolve) => setImmediate(resolve))
    answers.push(one.take(['A'], undefined, 'till-4'))
    for (const answer of await Promise.all(answers)) t.equal(answer.statusCode, 200)
  }
})
