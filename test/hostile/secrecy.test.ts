// Whatever goes wrong inside, no answer says anything of the inside.
import fc from 'fast-check'
import t from 'tap'
import type { Ledger } from '../../domain/ledger.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { unpressed } from '../app/unpressed.ts'
import { ownDocument } from './document.ts'
import { payloadOf, targetOf } from './http-request.ts'
import { LedgerWitness, WatchedLedger } from './ledger-witness.ts'
import { operationsOf } from './operations.ts'
import { Recollection } from './recalled.ts'
import { plannedRequest, requestPlans } from './request-plans.ts'

const folder = '/srv/inventory/secret-folder'

/** As a disk, a library or a mistake of ours might fail; not all that is thrown is an error. */
const failures: readonly (() => Error)[] = [
  () =>
    Object.assign(new Error(`ENOENT: no such file or directory, open '${folder}/log/1.wal'`), {
      ...{ code: 'ENOENT', errno: -2, syscall: 'open', path: `${folder}/log/1.wal` }
    }),
  () => new TypeError(`Cannot read properties of undefined (reading '${folder}')`),
  () => new AggregateError([new Error(folder)], folder, { cause: new Error(folder) }),
  () => Object.assign(new Error(folder), { statusCode: 500, details: { file: folder }, expose: true }),
  () => ({ statusCode: 500, message: folder, stack: `at ${folder}/server.js:1:1` }) as unknown as Error,
  () => folder as unknown as Error
]

/** A stack, a file of the service or of its modules, and what the failures say. */
const inside =
  /\n\s*at |\\n\s+at |node_modules|node:internal|file:\/\/|[/\\][\w.-]+\.[cm]?[jt]s\b|secret-folder|ENOENT/

/** The ledger until it is broken: then most that is asked of it fails, each time in another way. */
function breakable(ledger: Ledger): { ledger: Ledger; isBroken: boolean } {
  let calls = 0
  const reads = ['get', 'list', 'reservation', 'reservations', 'due', 'history', 'read', 'readPrintable']
  const asked = new Set(['execute', ...reads])
  const state = {
    isBroken: false,
    ledger: new Proxy(ledger, {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name)
        if (typeof own !== 'function') return own
        return (...given: unknown[]): unknown => {
          calls += 1
          // Now and then it works, or the breaker would open, and nobody would ask any more.
          const works = !state.isBroken || !asked.has(String(name)) || calls % 4 === 0
          if (works) return Reflect.apply(own, target, given)
          return Promise.reject((failures[calls % failures.length] as () => Error)())
        }
      }
    })
  }
  return state
}

t.test('no answer has a stack, a path or a word of what failed', async (t) => {
  const document = await ownDocument()
  const state = breakable(new WatchedLedger())
  const configuration = loadConfiguration({ RATE_LIMIT_ENABLED: 'false', BREAKER_THRESHOLD: '0.99' })
  const server = await buildServer(configuration, { ledger: state.ledger, pressure: unpressed })
  t.teardown(() => server.close())
  state.isBroken = true
  const recollection = new Recollection(new LedgerWitness(new WatchedLedger()), 'central')
  const plans = fc
    .sample(requestPlans(document), { numRuns: 1500, seed: 7 })
    .filter(({ malformation }) => malformation === null)
  const failed = new Set<string>()
  for (const plan of plans) {
    const request = plannedRequest(plan, recollection)
    if (plan.mutations.length < 2) for (const mutation of plan.mutations) mutation.apply(request)
    if (request.socketOnly === true) continue
    const payload = payloadOf(request)
    const { statusCode, headers, body } = await server.inject({
      method: request.method as 'GET',
      url: targetOf(request),
      headers: Object.fromEntries(request.headers),
      ...(payload !== undefined && { payload })
    })
    const { operationId } = plan.operation
    // The message of what is not there repeats what was asked for.
    const said = JSON.stringify([headers, statusCode === 404 ? '' : body])
    if (inside.test(said)) t.fail(`${operationId} says ${said}`)
    if (statusCode === 500) failed.add(operationId)
  }
  const asking = operationsOf(document).filter(({ operationId }) =>
    /Stock|Product|Updates|Movements/.test(operationId)
  )
  for (const { operationId } of asking) t.ok(failed.has(operationId), `${operationId} failed`)
})
