import { readdir, readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { FolderSyncStore } from '../../../adapters/sync/folder-sync-store.ts'
import { WorkerThreadHost } from '../../../adapters/sync/worker-thread-host.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { until } from './manual-clock.ts'
import { adjust } from './stock.ts'
import { ownFolder } from '../../processes/own-folder.ts'

async function start(t: Test, module?: string) {
  const dataFolder = ownFolder(t)
  const ledger = await openWalLedger({ dataFolder })
  const log: string[] = []
  const observed: string[] = []
  const settings = {
    dataFolder,
    role: 'all' as const,
    intervalMs: 1000,
    snapshotEveryEvents: 10,
    retryBaseMs: 1,
    retryTimes: 0,
    breakerThreshold: 0.5,
    breakerCooldownMs: 10_000
  }
  const host = new WorkerThreadHost({
    settings,
    store: await FolderSyncStore.open(dataFolder, ({ message }) => log.push(message)),
    ledger,
    now: Date.now,
    observer: {
      passMade: () => observed.push('pass'),
      deadLettered: () => observed.push('dead letter'),
      snapshotWritten: (durationMs) => observed.push(durationMs > 0 ? 'snapshot' : 'no time')
    },
    closeTimeoutMs: 20_000,
    log: (level, message, facts) => log.push(`${level} ${message} ${JSON.stringify(facts)}`),
    ...(module !== undefined && { module: join(import.meta.dirname, module + extname(import.meta.filename)) })
  })
  t.teardown(async () => {
    await host.close()
    await ledger.close()
  })
  return { ledger, host, log, observed }
}

t.test('a worker in a thread says what it does', async (t) => {
  const { ledger, host, observed } = await start(t)
  for (let count = 0; count < 10; count += 1) await adjust(ledger, 'S1', 'A', 1)
  await host.pass()
  await until(async () => observed.includes('snapshot'))
  t.ok(observed.includes('pass'))
  t.notOk(observed.includes('dead letter'))
})

const onLinux = { skip: process.platform !== 'linux' && 'threads have no priority of their own' }

t.test('a worker in a thread stands back where requests want the processor', onLinux, async (t) => {
  const before = await threadsBelowNormal()
  const { host } = await start(t)
  await host.pass()
  t.equal((await threadsBelowNormal()) - before, 1, 'one thread more, and only the one of the worker')
})

/** The nineteenth field of proc_pid_stat(5) is the nice value; the second one, in parentheses, may hold blanks. */
async function threadsBelowNormal(): Promise<number> {
  const threads = await readdir('/proc/self/task')
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => ''))
  )
  return stats.filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]) > getPriority())
    .length
}

t.test('a worker in a thread answers as one in the process does', async (t) => {
  const { ledger, host } = await start(t)
  await host.stop()
  t.match(await host.status(), { isRunning: false, isStopped: true, worker: { role: 'all' } })
  const sequence = await adjust(ledger, '__proto__', 'A', 5)
  t.strictSame(await host.stock('A', { minSequence: sequence }), { sequence: 0, isReached: false })
  t.strictSame(await host.pass(), { applied: 1, deadLettered: 0, sequence })
  await host.start(100)
  const next = await adjust(ledger, 'S2', 'A', 2)
  t.match(await host.stock('A', { minSequence: next }), {
    isReached: true,
    stock: { total: 7, stores: [['S2'], ['__proto__', { qty: 5 }]] }
  })
  t.match(await host.stocks(undefined, 10, {}), { items: [{ sku: 'A' }], hasMore: false })
  t.strictSame(await host.deadLetters(0, 10), { letters: [], hasMore: false, total: 0 })
  t.equal(await host.retry('1'), undefined)
  t.equal(await host.discard('1'), false)
  await until(async () => (await host.health()).lag === 0)
  t.strictSame(await host.health(), { status: 'running', lag: 0, deadLetters: 0 })

  await host.close()
  await host.close()
  await t.rejects(host.pass(), { name: 'SyncError', code: 'closed' })
})

t.test('a thread that dies is started again, and nobody waits for it', async (t) => {
  const { ledger, host, log } = await start(t, 'dying-worker')
  const asked = host.pass()
  await t.rejects(asked, { name: 'SyncError', code: 'failed', message: /dead on arrival/ })
  t.match(await host.health(), { status: 'failed' })
  t.match(await host.status(), { isRunning: false, failure: /dead on arrival/ })
  const sequence = await adjust(ledger, 'S1', 'A', 5)
  // It takes as long as a thread takes to load its modules; who asks before is told that it is not there.
  for (let isThere = false; !isThere;) {
    await delay(50)
    isThere = await host.pass().then(
      () => true,
      (error: { code: string }) => {
        if (error.code !== 'failed') throw error as unknown as Error
        return false
      }
    )
  }
  t.match(await host.stock('A', { minSequence: sequence }), { isReached: true, stock: { total: 5 } })
  t.strictSame(await host.health(), { status: 'running', lag: 0, deadLetters: 0 })
  t.equal(log.filter((line) => /the sync worker died/.test(line)).length, 2)
})
