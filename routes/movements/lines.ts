import type { FastifyRequest } from 'fastify'
import { v7 as newReservationId } from 'uuid'
import type { Command, Precondition } from '../../domain/commands.ts'
import type { Line } from '../../domain/unit.ts'
import type { Movement } from '../../plugins/schemas/movements.ts'

/** The line that a movement asks for at the instant `at`, with the identity of its own key if it has one. */
export function lineOf(request: FastifyRequest, movement: Movement, at: number): Line {
  const command = commandOf(movement, at)
  const { idempotencyKey, ...facts } = movement
  if (idempotencyKey === undefined) return { command }
  return { command, identity: request.lineIdentity(idempotencyKey, facts) }
}

function commandOf(movement: Movement, at: number): Command {
  const { storeId, sku, expectedVersion, reason, reference } = movement
  const target = {
    storeId,
    sku,
    ...(expectedVersion !== undefined && { precondition: expectation(expectedVersion) }),
    ...(reason !== undefined && { reason }),
    ...(reference !== undefined && { reference })
  }
  switch (movement.type) {
    case 'adjust':
      return { type: 'adjust', ...target, delta: movement.delta }
    case 'reserve': {
      const { qty, ttlMs } = movement
      const reservation = { type: 'reserve', ...target, qty, reservationId: newReservationId() } as const
      return ttlMs === undefined ? reservation : { ...reservation, expiresAt: at + ttlMs }
    }
    case 'release':
    case 'commit': {
      const { type, reservationId, qty } = movement
      return qty === undefined ? { type, ...target, reservationId } : { type, ...target, reservationId, qty }
    }
    default:
      return movement satisfies never
  }
}

function expectation(version: number): Precondition {
  return version === 0 ? { kind: 'absent' } : { kind: 'version', version }
}
