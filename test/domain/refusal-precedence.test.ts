import t from 'tap'
import type { RefusalCode } from '../../domain/refusals.ts'
import type { Command } from '../../domain/commands.ts'
import { decide } from '../../domain/decider.ts'
import {
  adjusted,
  reserved,
  sku,
  stateAfter,
  storeId,
  versions,
  type AskedCommand,
  type Happened
} from './decider-specification.ts'

/**
 * A ladder: its first row earns every refusal below it, and each row takes away the reason for the one
 * above. So the answer moves down one by one, which also proves that the lower reasons were there all along.
 */
interface Rung {
  readonly given: readonly Happened[]
  readonly command: AskedCommand
  readonly answer: RefusalCode | 'accepted'
}

const most = Number.MAX_SAFE_INTEGER
const stale = versions(99)

const ladders: Readonly<Record<string, readonly Rung[]>> = {
  'adjust, taking': [
    { given: [], command: { type: 'adjust', delta: -5, precondition: stale }, answer: 'not_found' },
    {
      given: [adjusted(3)],
      command: { type: 'adjust', delta: -5, precondition: stale },
      answer: 'version_conflict'
    },
    { given: [adjusted(3)], command: { type: 'adjust', delta: -5 }, answer: 'insufficient_stock' },
    { given: [adjusted(5)], command: { type: 'adjust', delta: -5 }, answer: 'accepted' }
  ],
  'adjust, adding': [
    {
      given: [adjusted(most)],
      command: { type: 'adjust', delta: 5, precondition: stale },
      answer: 'version_conflict'
    },
    { given: [adjusted(most)], command: { type: 'adjust', delta: 5 }, answer: 'quantity_overflow' },
    { given: [adjusted(most - 5)], command: { type: 'adjust', delta: 5 }, answer: 'accepted' }
  ],
  'adjust, adding to no record': [
    {
      given: [],
      command: { type: 'adjust', delta: 5, precondition: { kind: 'exists' } },
      answer: 'version_conflict'
    },
    { given: [], command: { type: 'adjust', delta: 5 }, answer: 'accepted' }
  ],
  'adjust, taking, create only': [
    {
      given: [],
      command: { type: 'adjust', delta: -5, precondition: { kind: 'absent' } },
      answer: 'not_found'
    },
    {
      given: [adjusted(3)],
      command: { type: 'adjust', delta: -5, precondition: { kind: 'absent' } },
      answer: 'version_conflict'
    }
  ],
  reserve: [
    {
      given: [],
      command: { type: 'reserve', qty: 5, reservationId: 'r-1', precondition: stale },
      answer: 'not_found'
    },
    {
      given: [adjusted(3)],
      command: { type: 'reserve', qty: 5, reservationId: 'r-1', precondition: stale },
      answer: 'version_conflict'
    },
    {
      given: [adjusted(3)],
      command: { type: 'reserve', qty: 5, reservationId: 'r-1' },
      answer: 'insufficient_stock'
    },
    { given: [adjusted(5)], command: { type: 'reserve', qty: 5, reservationId: 'r-1' }, answer: 'accepted' }
  ],
  release: resolutionLadder('release'),
  commit: resolutionLadder('commit')
}

function resolutionLadder(type: 'release' | 'commit'): Rung[] {
  const asked = { type, reservationId: 'r-1', qty: 5 }
  return [
    { given: [], command: { ...asked, precondition: stale }, answer: 'not_found' },
    { given: [adjusted(9)], command: { ...asked, precondition: stale }, answer: 'version_conflict' },
    { given: [adjusted(9)], command: asked, answer: 'reservation_not_found' },
    {
      given: [adjusted(9), reserved('r-1', 4, 50)],
      command: asked,
      answer: 'reservation_not_found'
    },
    {
      given: [adjusted(9), reserved('r-1', 4)],
      command: asked,
      answer: 'reservation_exceeded'
    },
    { given: [adjusted(9), reserved('r-1', 5)], command: asked, answer: 'accepted' }
  ]
}

for (const [name, ladder] of Object.entries(ladders)) {
  t.test(`${name}: refusals by descending precedence`, async (t) => {
    for (const { given, command, answer } of ladder) {
      const asked = { storeId, sku, ...command } as Command
      const decision = decide(stateAfter(...given), asked, { unitId: 'w-9', at: 100 })
      t.equal(decision.accepted ? 'accepted' : decision.refusal.code, answer, answer)
    }
  })
}
