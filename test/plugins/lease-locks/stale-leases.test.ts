import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mock } from 'node:test'
import t from 'tap'
import { digestOf } from '../../../plugins/lease-locks/key.ts'
import type { Work } from './application.ts'
import { holding, instance, leaseFolder, leftIn, until } from './application.ts'

const digest = digestOf({ space: 'S1', name: 'A' })
const ttlMs = 2000

/** Does nothing but make sure that the leases are held still. */
const write: Work = async (request) => {
  await request.leases?.requireHeld()
  return 'written'
}

/** Makes a lock look as if its holder had been stopped for longer than its lease. */
async function age(folder: string): Promise<void> {
  const past = new Date(Date.now() - 10 * ttlMs)
  await utimes(join(folder, `${digest}.lock`), past, past)
}

t.test('a lease that ran out is taken over, and who held it writes nothing', async (t) => {
  const folder = await leaseFolder(t)
  const stopped = await instance(t, folder, { ownerId: 'stopped', nameField: 'sku' })
  const thief = await instance(t, folder, { ownerId: 'thief' })
  const first = await holding(stopped, ['A'], undefined, write)
  t.equal((await thief.take(['A'])).statusCode, 503)
  await age(folder)
  const second = await holding(thief, ['A'])
  t.ok(second.token > first.token)
  t.match(JSON.parse(await readFile(join(folder, `${digest}.json`), 'utf8')), {
    token: second.token,
    owner: 'thief',
    space: 'S1',
    name: 'A'
  })

  stopped.aheadMs = ttlMs
  const refused = await first.finish()
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['x-lock-key'], 'A')
  t.match(refused.json().message, 'Nothing was done')
  t.ok(existsSync(join(folder, `${digest}.lock`)), 'it left alone what is another’s')
  t.equal((await stopped.take(['A'])).statusCode, 503)
  t.equal((await second.finish()).statusCode, 200)
  t.strictSame(stopped.counts, { acquired: 1, lost: 1, contended: 1 })
  t.strictSame(thief.counts, { contended: 1, stolen: 1, acquired: 1 })
  t.strictSame(await leftIn(folder), [])
})

t.test('a lease that ran out and that nobody took is not held either', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const first = await holding(one, ['A'], undefined, write)
  await age(folder)
  one.aheadMs = ttlMs
  t.equal((await first.finish()).statusCode, 503)
  t.strictSame(one.counts, { acquired: 1, expired: 1 })
  t.strictSame(await leftIn(folder), [], 'but given back')
})

t.test('one whose files are gone or are no longer readable is lost', async (t) => {
  for (const spoil of [
    (folder: string) => rm(folder, { recursive: true }),
    (folder: string) => writeFile(join(folder, `${digest}.json`), '{"token":'),
    (folder: string) => rm(join(folder, `${digest}.lock`), { recursive: true })
  ]) {
    const folder = await leaseFolder(t)
    const one = await instance(t, folder)
    const first = await holding(one, ['A'], undefined, write)
    await spoil(folder)
    one.aheadMs = ttlMs
    t.equal((await first.finish()).statusCode, 503)
    t.strictSame(one.counts, { acquired: 1, lost: 1 })
    await rm(folder, { recursive: true, force: true })
    const next = await holding(one, ['A'])
    t.ok(next.token > first.token, 'a folder that is made anew does not begin anew')
    t.equal((await next.finish()).statusCode, 200)
  }
})

t.test('a lease is renewed for as long as the work takes', async (t) => {
  const folder = await leaseFolder(t)
  const lock = join(folder, `${digest}.lock`)
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() })
  t.teardown(() => mock.timers.reset())
  const one = await instance(t, folder)
  const other = await instance(t, folder)
  const first = await holding(one, ['A'], undefined, write)
  for (let second = 0; second < 5; second += 1) {
    const { mtimeMs } = await stat(lock)
    mock.timers.tick(1000)
    await until(async () => (await stat(lock)).mtimeMs > mtimeMs)
    t.equal((await other.take(['A'])).statusCode, 503)
  }
  t.equal((await first.finish()).body, 'written')
  t.strictSame(one.counts, { acquired: 1 })
  t.strictSame(await leftIn(folder), [])
})

t.test('the renewal that finds the lock gone says so while the work goes on', async (t) => {
  const folder = await leaseFolder(t)
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const one = await instance(t, folder)
  const first = await holding(one, ['A'], undefined, write)
  await rm(join(folder, `${digest}.lock`), { recursive: true })
  mock.timers.tick(1000)
  await until(() => one.counts['lost'] === 1)
  t.equal((await first.finish()).statusCode, 503)
  t.strictSame(one.counts, { acquired: 1, lost: 1 })
})

t.test('a lease that cannot be given back is counted and ends with its time', async (t) => {
  const folder = await leaseFolder(t)
  const one = await instance(t, folder)
  const first = await holding(one, ['A'])
  await mkdir(join(folder, `${digest}.lock`, 'in the way'))
  t.equal((await first.finish()).statusCode, 200, 'which is no fault of the request')
  t.strictSame(one.counts, { acquired: 1, releaseFailed: 1 })
  t.equal((await one.take(['A'])).statusCode, 503)
  await rm(join(folder, `${digest}.lock`, 'in the way'), { recursive: true })
  await age(folder)
  t.equal((await one.take(['A'])).statusCode, 200)
})
