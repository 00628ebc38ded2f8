import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { digestOf } from '../../plugins/lease-locks/key.ts'
import type { LeaseFile } from '../../plugins/lease-locks/plugin.ts'
import { acknowledgedChanges, isFinal } from '../kill/answers.ts'
import { ApiClient } from '../kill/api-client.ts'
import { Auditor } from '../kill/auditor.ts'
import type { PlannedRequest } from '../kill/requests.ts'
import { returningFetch } from '../kill/returning-fetch.ts'
import { serverProgram } from './programs.ts'
import { ServerProcess, serviceEnvironment } from './server-process.ts'

const storeId = 'S1'
const skus = ['hot', 'warm']

/** One change of one of the records, under a key of its own. */
function change(number: number): PlannedRequest {
  const sku = skus[number % skus.length] as string
  const key = `change-${number}`
  const movement = { type: 'adjust', storeId, sku, delta: (number % 7) + 1 } as const
  const path = `/api/inventory/stores/${storeId}/inventory/${sku}/adjust`
  return { path, body: JSON.stringify({ delta: movement.delta }), key, lines: [{ movement, key }] }
}

/** Sends changes and keeps what was acknowledged; a change that was turned away is sent again under its key. */
class Load {
  readonly auditor = new Auditor([storeId])
  acknowledged = 0
  turnedAway = 0
  #number = 0
  #isOver = false

  /** Resolves when it is over and everything that was begun has its final answer. */
  async run(client: ApiClient, connections: number): Promise<void> {
    const connection = async (): Promise<void> => {
      while (!this.#isOver) await this.send(client)
    }
    await Promise.all(Array.from({ length: connections }, connection))
  }

  over(): void {
    this.#isOver = true
  }

  /** Sends the next change until it is answered for good. */
  async send(client: ApiClient): Promise<void> {
    this.#number += 1
    const request = change(this.#number)
    for (;;) {
      const answer = await client.send(request)
      if (!isFinal(answer)) {
        if (!answer.body.includes('LOCK_REJECTION_ERROR')) throw new Error(answer.body)
        this.turnedAway += 1
        continue
      }
      this.acknowledged += 1
      for (const made of acknowledgedChanges(request, answer)) this.auditor.acknowledge(made)
      return
    }
  }
}

function ownerOf(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(`${path}.json`, 'utf8')) as LeaseFile).owner
  } catch {
    return undefined
  }
}

/** Whether the process is stopped, as the system says, so that it holds from now on what it holds now. */
function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

const onLinux = { skip: process.platform !== 'linux' && 'needs /proc' }

t.test('a process that is stopped past its lease and goes on corrupts nothing', onLinux, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bincard-stopped-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const start = (owner: string): ServerProcess =>
    new ServerProcess({
      arguments: [serverProgram],
      environment: {
        ...serviceEnvironment(join(folder, 'ledger')),
        ROLE: 'api',
        LOG_LEVEL: 'error',
        LOCKS_ENABLED: 'true',
        LOCK_OWNER_ID: owner,
        LOCK_TTL_MS: '3000'
      }
    })
  const stopped = start('stopped')
  const other = start('other')
  t.teardown(() => Promise.all([stopped, other].map((server) => server.end('SIGKILL'))))
  const client = new ApiClient(await stopped.ready, returningFetch)
  const otherUrl = await other.ready
  const otherClient = new ApiClient(otherUrl, returningFetch)
  const load = new Load()
  const loading = load.run(client, 4)
  // What it throws is for the end to see.
  loading.catch(() => undefined)
  while (load.acknowledged < 40) await turn()

  const lease = join(folder, 'ledger', 'locks', digestOf({ space: storeId, name: 'hot' }))
  const isHeld = (): boolean => existsSync(`${lease}.lock`) && ownerOf(lease) === 'stopped'
  for (;;) {
    process.kill(stopped.pid, 'SIGSTOP')
    while (!isStopped(stopped.pid)) await turn()
    if (isHeld()) break
    process.kill(stopped.pid, 'SIGCONT')
    await turn()
  }
  const refused = await otherClient.send({ ...change(0), key: 'too-early' })
  t.equal(refused.status, 503, 'it holds its lease still')
  for (let count = 0; count < 20; count += 1) await load.send(otherClient)
  t.ok(load.turnedAway > 0, 'others came in when the lease had run out')
  t.not(ownerOf(lease), 'stopped')

  process.kill(stopped.pid, 'SIGCONT')
  const before = load.acknowledged
  while (load.acknowledged < before + 20) {
    await load.send(otherClient)
    // A load that broke off would let this wait for ever.
    await Promise.race([loading, turn()])
  }
  load.over()
  await loading

  for (const server of [client, otherClient]) await load.auditor.audit(server)
  await load.auditor.auditAll(otherClient)
  t.strictSame(load.auditor.faults, [])
  t.equal(load.auditor.changes, load.acknowledged, 'each change is there once')
  const { data } = (await (await fetch(`${otherUrl}/api/metrics`)).json()) as { data: Record<string, number> }
  t.ok((data['lockStolen'] ?? 0) >= 1)
  await Promise.all([stopped, other].map((server) => server.end('SIGTERM')))
  t.notOk(existsSync(`${lease}.lock`))
})
