import { refusalIn } from './client.ts'
import { ImportFailure } from './failures.ts'
import type { Item, Movement } from './mapping.ts'
import { isToBeSentAgain, movementResults, type MovementResult } from './movement-results.ts'
import { Certainty, movementJson, REFUSED_EARLIER, type Sending } from './sending.ts'
import type { Outcome } from './summary.ts'

/**
 * Rows in doubt are looked up and noted in small steps, so that an import gets on that is cut off again and again:
 * the look at a record's history costs a request of its own.
 */
const MOST_DOUBTFUL = 50

type Moving = Item & { readonly movement: Movement }

/**
 * Sends a batch of rows, each on its own, and resolves when every one has its answer and that is noted. Rejects with
 * an ImportFailure when that cannot be had, with ImportStopped when the import is to stop first.
 */
export async function sendBatch(sending: Sending, items: readonly Item[]): Promise<void> {
  const isDoubtful = items.some((item) => sending.journal.state(item.row).is === 'in doubt')
  const step = isDoubtful ? MOST_DOUBTFUL : items.length
  for (let from = 0; from < items.length; from += step)
    await sendPart(sending, items.slice(from, from + step))
}

async function sendPart(sending: Sending, items: readonly Item[]): Promise<void> {
  let moving = items.filter((item): item is Moving => item.movement !== undefined)
  const id = await sending.journal.intend(items, moving.length > 0)
  const outcomes = new Map<number, Outcome>()

  let doubtful = moving.filter((item) => sending.journal.state(item.row).is === 'in doubt')
  const certainty = new Certainty(sending.pace)
  const persistence = sending.persistence()
  for (;;) {
    await settle(sending, doubtful, outcomes)
    moving = moving.filter((item) => !outcomes.has(item.row))
    if (moving.length === 0) break
    const movements = moving.map((item) => movementJson(item.movement, false)).join(',')
    const attempt = await sending.client.postMovements(`{"movements":[${movements}]}`)
    if (attempt.is === 'answer') {
      const results = attempt.status === 200 ? movementResults(attempt.body, moving.length) : undefined
      if (results === undefined) throw notTheContract(attempt.status, attempt.body)
      moving.forEach((item, index) => takeResult(item, results[index], outcomes))
      const open = results.find(isToBeSentAgain)?.error
      if (open === undefined) break
      doubtful = []
      const why = `the server answered ${open.statusCode} for a movement: ${open.message}`
      await persistence.pause({ is: 'later', afterMs: undefined, askedToWait: false, unsure: false, why })
      continue
    }
    doubtful = certainty.isLost(attempt) ? moving : []
    await persistence.pause(attempt)
  }
  await sending.answers.take({
    id,
    outcomes: items.map((item) => ({ item, outcome: outcomeOf(item, outcomes) })),
    isGroup: false
  })
}

function takeResult(item: Item, result: MovementResult | undefined, outcomes: Map<number, Outcome>): void {
  if (result === undefined || isToBeSentAgain(result)) return
  const { error } = result
  outcomes.set(
    item.row,
    error === undefined
      ? { is: 'applied', replayed: false }
      : { is: 'refused', code: error.code, message: error.message }
  )
}

async function settle(
  sending: Sending,
  doubtful: readonly Moving[],
  outcomes: Map<number, Outcome>
): Promise<void> {
  if (doubtful.length === 0) return
  const findings = await sending.doubt.findings(
    doubtful.map(({ row, movement }) => ({ row, movement, key: movement.idempotencyKey }))
  )
  for (const [row, finding] of findings) {
    if (finding === 'applied') outcomes.set(row, { is: 'applied', replayed: true })
    else if (finding === 'refused') outcomes.set(row, REFUSED_EARLIER)
  }
}

/** A row that needed no request has its outcome in itself. */
function outcomeOf(item: Item, outcomes: ReadonlyMap<number, Outcome>): Outcome {
  if (item.refusal !== undefined) return { is: 'refused', ...item.refusal }
  return outcomes.get(item.row) ?? { is: 'applied', replayed: false }
}

/** The request as a whole was not taken: every other one would fare the same. */
export function notTheContract(status: number, body: unknown): ImportFailure {
  if (status >= 300 && status < 400)
    return new ImportFailure(`the server answered ${status}: it sends elsewhere`)
  if (status >= 400) return new ImportFailure(refusalIn(status, body))
  return new ImportFailure(`the server answered ${status} with something that is no result of movements`)
}
