import t from 'tap'
import { isReachable } from './hints.ts'
import { hostilities, sendHostileRequests } from './hostile-requests.ts'
import { operationsOf } from './operations.ts'
import { Tally } from './tally.ts'

/** Valid requests of one operation that must be accepted, or what the others show would be little: a third or more mostly are. */
const acceptedShare = 0.1
const statuses = [200, 304, 400, 401, 403, 404, 409, 412, 413, 415, 422, 431]
/** One nearly always is enough. What chance left out of one is not left out of all, unless it is never answered. */
const campaignsMax = 6

t.test('no request, whatever it is, is answered with anything but what the document says', async (t) => {
  const { PROPERTY_SEED, PROPERTY_PATH: path } = process.env
  const first = PROPERTY_SEED === undefined ? Date.now() | 0 : Number(PROPERTY_SEED)
  const tally = new Tally()
  const made = await hostilities()
  const reachable = operationsOf(made.document).filter(({ operationId }) => isReachable(operationId, 200))
  const rare = () => reachable.filter(({ operationId }) => tally.acceptance(operationId) < acceptedShare)
  const missing = () => statuses.filter((status) => !tally.has(status))

  const seeds = Array.from({ length: path === undefined ? campaignsMax : 1 }, (_, nth) => first + nth)
  for (const seed of seeds) {
    if (rare().length === 0 && missing().length === 0) break
    const fault = await sendHostileRequests(made, { seed, path, trials: 10, requestsPerTrial: 800, tally })
    t.comment(`seed ${seed}: ${tally.total} answers`)
    t.equal(fault?.text, undefined, `PROPERTY_SEED=${seed} PROPERTY_PATH=${fault?.path} brings it back`)
  }
  t.comment(tally.lines())
  if (path !== undefined) return

  t.same(
    rare().map(({ operationId }) => `${operationId} ${tally.acceptance(operationId).toFixed(2)}`),
    [],
    `each operation accepts ${acceptedShare} or more of what is valid`
  )
  t.same(missing(), [], 'every status is among the answers')
})
