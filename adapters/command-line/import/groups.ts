import pLimit from 'p-limit'
import { messageIn } from './client.ts'
import { MOST_BYTES, MOST_MOVEMENTS } from './lanes.ts'
import { type Item, type Movement, recordOf } from './mapping.ts'
import { errorCode, refusedLine } from './movement-results.ts'
import { notTheContract } from './batches.ts'
import { Certainty, movementJson, type Sending } from './sending.ts'
import type { Outcome } from './summary.ts'

/** Rows that are applied together or not at all. */
export interface Group {
  readonly name: string
  /** In the order of the file, never empty. */
  readonly items: Item[]
}

/** Gathers rows by their group, in the order of each group's first row; a row without a group stands alone. */
export class Groups {
  readonly #groups: Group[] = []
  readonly #byName = new Map<string, Group>()

  add(item: Item): void {
    const known = item.group === undefined ? undefined : this.#byName.get(item.group)
    if (known !== undefined) {
      known.items.push(item)
      return
    }
    const group = { name: item.group ?? '', items: [item] }
    this.#groups.push(group)
    if (item.group !== undefined) this.#byName.set(item.group, group)
  }

  get all(): readonly Group[] {
    return this.#groups
  }
}

/**
 * Sends groups side by side, but each only after the earlier ones that share a record with it. Stops taking new ones
 * at the first failure or when `stop` is aborted, waits for those under way, and rejects with the failure.
 */
export async function sendGroups(
  sending: Sending,
  groups: readonly Group[],
  concurrency: number,
  stop: AbortSignal
): Promise<void> {
  const limit = pLimit(concurrency)
  const lastOf = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const send = async (group: Group): Promise<void> => {
    if (failures.length > 0 || stop.aborted) return
    await sendGroup(sending, group).catch((error: unknown) => failures.push(error))
  }
  const all = groups.map((group) => {
    const records = new Set(group.items.flatMap(({ movement }) => (movement ? [recordOf(movement)] : [])))
    const earlier = new Set([...records].flatMap((record) => lastOf.get(record) ?? []))
    const sent = Promise.all(earlier).then(() => limit(send, group))
    for (const record of records) lastOf.set(record, sent)
    return sent
  })
  await Promise.all(all)
  if (failures.length > 0) throw failures[0]
}

async function sendGroup(sending: Sending, group: Group): Promise<void> {
  const movements = group.items.flatMap(({ movement }) => movement ?? [])
  const refusals = localRefusals(group, movements)
  const id = await sending.journal.intend(group.items, movements.length > 0 && refusals === undefined)
  if (refusals !== undefined) {
    const outcomes = group.items.map((item, index) => ({ item, outcome: refusals[index] ?? refusals[0] }))
    await sending.answers.take({ id, outcomes: outcomes.filter(hasOutcome), isGroup: true })
    return
  }
  const [first] = movements
  const outcome: Outcome =
    first === undefined
      ? { is: 'applied', replayed: false }
      : await outcomeOf(sending, group, movements, first)
  await sending.answers.take({
    id,
    outcomes: group.items.map((item) => ({ item, outcome })),
    isGroup: true
  })
}

function hasOutcome(pair: {
  item: Item
  outcome: Outcome | undefined
}): pair is { item: Item; outcome: Outcome } {
  return pair.outcome !== undefined
}

async function outcomeOf(
  sending: Sending,
  group: Group,
  movements: readonly Movement[],
  first: Movement
): Promise<Outcome> {
  const key = first.idempotencyKey
  const row = group.items[0]?.row ?? 0
  const body = bodyOf(movements)
  const certainty = new Certainty(sending.pace)
  const persistence = sending.persistence()
  let isDoubtful = sending.journal.state(row).is === 'in doubt'
  for (;;) {
    if (isDoubtful) {
      const findings = await sending.doubt.findings([{ row, movement: first, key }])
      if (findings.get(row) === 'applied') return { is: 'applied', replayed: true }
    }
    const attempt = await sending.client.postMovements(body, key)
    if (attempt.is === 'later') {
      isDoubtful = certainty.isLost(attempt)
      await persistence.pause(attempt)
      continue
    }
    const { status, body: answer, replayed } = attempt
    if (status === 200) return { is: 'applied', replayed }
    if (!isRefusal(status, answer)) throw notTheContract(status, answer)
    return { is: 'refused', code: errorCode(answer), message: messageIn(answer).replace(/^: /, '') }
  }
}

/** Whether the answer speaks of the movements and not of the request: a 400 or 404 does so when it names a line. */
function isRefusal(status: number, body: unknown): boolean {
  if (status === 409 || status === 412 || status === 422) return true
  return (status === 400 || status === 404) && refusedLine(body) !== undefined
}

function bodyOf(movements: readonly Movement[]): string {
  return `{"movements":[${movements.map((movement) => movementJson(movement, true)).join(',')}],"atomic":true}`
}

/** Why the group is not sent at all, for each row; undefined when it is. */
function localRefusals(group: Group, movements: readonly Movement[]): Outcome[] | undefined {
  const bad = group.items.find((item) => item.refusal !== undefined)
  if (bad !== undefined) {
    const message = `row ${bad.row} of the same group cannot be applied`
    return group.items.map((item) =>
      item.refusal === undefined
        ? { is: 'refused', code: 'GROUP_REFUSED', message }
        : { is: 'refused', ...item.refusal }
    )
  }
  const fault = groupFault(movements)
  return fault === undefined ? undefined : group.items.map(() => ({ is: 'refused', ...fault }))
}

function groupFault(movements: readonly Movement[]): { code: string; message: string } | undefined {
  if (movements.length > MOST_MOVEMENTS) {
    return {
      code: 'GROUP_TOO_LARGE',
      message: `a group of ${movements.length} movements is more than the ${MOST_MOVEMENTS} of one request`
    }
  }
  if (Buffer.byteLength(bodyOf(movements)) > MOST_BYTES) {
    return {
      code: 'GROUP_TOO_LARGE',
      message: `the group does not fit into a request of ${MOST_BYTES} bytes`
    }
  }
  return undefined
}
