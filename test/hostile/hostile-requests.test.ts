import t from 'tap'
import { isReachable } from './hints.ts'
import { hostilities, sendHostileRequests } from './hostile-requests.ts'
import { operationsOf } from './operations.ts'
import { Tally } from './tally.ts'

/** Valid requests of one operation that must be accepted, or what the others show would be little: a third or more mostly are. */
const acceptedShare = 0.04
const statuses = [200, 304, 400, 401, 403, 404, 409, 412, 413, 415, 422, 431]

t.test('no request, whatever it is, is answered with anything but what the document says', async (t) => {
  const { PROPERTY_SEED, PROPERTY_PATH: path } = process.env
  const seed = PROPERTY_SEED === undefined ? Date.now() | 0 : Number(PROPERTY_SEED)
  t.comment(`seed ${seed}`)
  const tally = new Tally()
  const made = await hostilities()
  const fault = await sendHostileRequests(made, { seed, path, trials: 10, requestsPerTrial: 800, tally })
  t.comment(`${tally.total} answers\n${tally.lines()}`)
  const again = `PROPERTY_SEED=${seed} PROPERTY_PATH=${fault?.path} brings it back`
  t.equal(fault?.text, undefined, again)
  if (path !== undefined) return

  for (const { operationId } of operationsOf(made.document)) {
    if (!isReachable(operationId, 200)) continue
    const share = tally.acceptance(operationId)
    t.ok(share >= acceptedShare, `${operationId} accepts ${share.toFixed(2)} of what is valid`)
  }
  for (const status of statuses) t.ok(tally.has(status), `${status} is among the answers`)
})
