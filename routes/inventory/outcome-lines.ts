import type { FastifyBaseLogger } from 'fastify'
import type { Line, Outcome } from '../../domain/unit.ts'

/** Logs, at debug, what became of each change that was asked for. What callers write about it is theirs. */
export function logOutcome(log: FastifyBaseLogger, lines: readonly Line[], outcome: Outcome): void {
  if (log.level !== 'debug' && log.level !== 'trace') return
  if (outcome.kind === 'key_conflict') {
    log.debug('refused: the idempotency key was used for another request')
    return
  }
  const { results, refusedLine } = outcome.answer
  for (const [index, result] of results.entries()) {
    const command = lines[refusedLine ?? index]?.command
    if (command === undefined) continue
    const { type, storeId, sku } = command
    const isReplay = outcome.replayed || result.replayed === true
    const facts = { type, storeId, sku, ...(isReplay && { replayed: true }) }
    if (result.applied) {
      const { qty, reserved, version } = result.record
      log.debug({ ...facts, qty, reserved, version }, 'applied')
    } else {
      log.debug({ ...facts, ...result.current, reason: result.refusal.code }, 'refused')
    }
  }
}
