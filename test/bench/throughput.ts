import { compare, ratioOf, type Circumstances, type Comparison, type Round } from './comparison.ts'
import { updatesPerBatch } from './programs/update-batches.ts'
import { movementsPerBatch } from './programs/workloads.ts'
import { whole, type Line } from './report.ts'

/** Single adjusts, every one synced. */
export async function adjustLine(circumstances: Circumstances): Promise<Line> {
  return lineOf('adjust', await compare('adjust', circumstances), 0.7)
}

/** The same with an Idempotency-Key on each, so that each answer is remembered. */
export async function adjustWithKeyLine(circumstances: Circumstances): Promise<Line> {
  return lineOf('adjust with Idempotency-Key', await compare('adjust with key', circumstances))
}

/** Linearizable reads of one record, while nobody writes. */
export async function recordLine(circumstances: Circumstances): Promise<Line> {
  return lineOf('read one record', await compare('record', circumstances))
}

export async function batchLine(circumstances: Circumstances): Promise<Line> {
  const comparison = await compare('batch', circumstances)
  return lineOf('batches of 1,000 movements', comparison, 0.2, movementsPerBatch, 'movements/s')
}

/** Batches of updates of the central API, each with a version and a key, which is remembered for a second. */
export async function updatesLine(circumstances: Circumstances): Promise<Line> {
  const comparison = await compare('updates', circumstances, { IDEMP_TTL_MS: '1000' })
  return lineOf('batches of 1,000 updates with keys', comparison, 0.2, updatesPerBatch, 'updates/s')
}

function lineOf(
  name: string,
  { rounds, service, bare, ratio }: Comparison,
  goal?: number,
  factor = 1,
  unit = 'requests/s'
): Line {
  return {
    name,
    figure: `${whole(service * factor)} ${unit}`,
    against: `bare ${whole(bare * factor)} ${unit}`,
    ratio,
    ...(goal !== undefined && { goal: { text: `>= ${goal}`, isMet: ratio >= goal } }),
    notes: rounds.map((round, index) => noteOf(round, index, factor))
  }
}

function noteOf(round: Round, index: number, factor: number): string {
  const { service, bare } = round
  const figures = `${whole(service.requestsPerSecond * factor)} : ${whole(bare.requestsPerSecond * factor)}`
  const processor = `processor time per request ${whole(service.cpuMicroseconds)} : ${whole(bare.cpuMicroseconds)} us`
  const clients = `client's share of a core ${service.clientShare.toFixed(2)} : ${bare.clientShare.toFixed(2)}`
  return `round ${index + 1}: ${figures} = ${ratioOf(round).toFixed(2)}; ${processor}; ${clients}`
}
