import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import lockfile from 'proper-lockfile'
import t from 'tap'
import { digestOf } from '../../plugins/lease-locks/key.ts'
import type { LeaseFile } from '../../plugins/lease-locks/plugin.ts'
import { childrenOf } from '../processes/children.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'

const ttlMs = 4000
const path = '/api/inventory/stores/S1/inventory/hot/adjust'

interface Answer {
  readonly status: number
  readonly body: string
}

/** One more unit, by a connection of its own and so by whichever process has its turn; undefined without an answer. */
function add(url: string, key: string): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    const sent = request(`${url}${path}`, { method: 'POST', agent: false, headers, timeout: 1000 })
    sent.once('response', (response) => {
      const status = response.statusCode ?? 0
      text(response).then(
        (body) => resolve({ status, body }),
        () => resolve(undefined)
      )
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve(undefined))
    sent.end('{"delta":1}')
  })
}

/** Asks until there is an answer; a process that is stopped keeps the one connection that it was given. */
async function answerOf(url: string, key: string): Promise<Answer> {
  for (;;) {
    const answer = await add(url, key)
    if (answer !== undefined) return answer
  }
}

function isTurnedAway({ status, body }: Answer): boolean {
  return status === 503 && body.includes('LOCK_REJECTION_ERROR')
}

/** Adds one unit after the other, each until it is there, until it is over; resolves to how many. */
async function load(url: string, name: string, isOver: () => boolean): Promise<number> {
  for (let count = 0; ; count += 1) {
    if (isOver()) return count
    for (;;) {
      const answer = await answerOf(url, `${name}-${count}`)
      if (answer.status === 200) break
      if (!isTurnedAway(answer)) throw new Error(answer.body)
      await delay(10)
    }
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** Stops one of the processes at a moment at which it holds the lease, and resolves to it. */
async function stopHolder(pids: readonly number[], lease: string): Promise<number> {
  const ownerOf = (): string | undefined => {
    try {
      return (JSON.parse(readFileSync(`${lease}.json`, 'utf8')) as LeaseFile).owner
    } catch {
      return undefined
    }
  }
  for (let turn = 0; ; turn += 1) {
    const pid = pids[turn % pids.length] ?? 0
    process.kill(pid, 'SIGSTOP')
    while (!isStopped(pid)) await delay(1)
    if (existsSync(`${lease}.lock`) && ownerOf() === `${hostname()}:${pid}`) return pid
    process.kill(pid, 'SIGCONT')
    await delay(5)
  }
}

const onLinux = { skip: process.platform !== 'linux' && 'needs /proc' }

t.test(
  'leases hold between the processes of a cluster, and outlive the one that held them',
  onLinux,
  async (t) => {
    const dataFolder = t.testdir()
    const server = new ServerProcess({
      arguments: [serverProgram],
      environment: {
        ...serviceEnvironment(dataFolder),
        INVENTORY_WORKER_COUNT: '2',
        LOG_LEVEL: 'error',
        METRICS_PORT: '0',
        LOCKS_ENABLED: 'true',
        LOCK_TTL_MS: String(ttlMs)
      }
    })
    t.teardown(() => server.end('SIGKILL'))
    const url = await server.ready
    const lease = join(dataFolder, 'locks', digestOf({ space: 'S1', name: 'hot' }))

    const release = await lockfile.lock(lease, {
      realpath: false,
      stale: ttlMs,
      update: 1000,
      lockfilePath: `${lease}.lock`
    })
    const refused = await Promise.all(
      Array.from({ length: 8 }, (_, index) => answerOf(url, `refused-${index}`))
    )
    t.equal(refused.filter(isTurnedAway).length, 8, 'by both of them')
    await release()

    let isOver = false
    const loads = Array.from({ length: 6 }, (_, index) => load(url, `load-${index}`, () => isOver))
    const holder = await stopHolder(await childrenOf(server.pid), lease)
    t.ok(isTurnedAway(await answerOf(url, 'early')), 'the other one sees that it is held')
    process.kill(holder, 'SIGKILL')
    t.ok(existsSync(`${lease}.lock`), 'a process that is killed gives nothing back')
    isOver = true
    const counts = await Promise.all(loads)
    t.equal((await answerOf(url, 'later')).status, 200, 'it is free again')
    const added = counts.reduce((sum, count) => sum + count, 1)
    const record = (await (await fetch(`${url}/api/inventory/stores/S1/inventory/hot`)).json()) as object
    t.match(record, { qty: added, version: added }, 'each change is there once')
    const { data } = (await (await fetch(`${url}/api/metrics`)).json()) as { data: Record<string, number> }
    t.ok((data['lockStolen'] ?? 0) >= 1, 'the lease was taken over')
    t.ok((data['lockContended'] ?? 0) >= 8)
    await server.end('SIGTERM')
    t.notOk(existsSync(`${lease}.lock`))
  }
)
