import t from 'tap'
import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { AcknowledgedChange } from './answers.ts'
import { RecordAccount } from './record-account.ts'

const record = { storeId: 'S', sku: 'A' }

function adjusted(version: number, delta: number, qty: number): AcknowledgedChange {
  const movement = { type: 'adjust', ...record, delta } as const
  return { ...record, movement, key: `key-${version}`, version, qty }
}

function event(version: number, delta: number, qty: number): StockEvent {
  return {
    offset: version,
    timestamp: '2026-01-15T09:30:00.000Z',
    eventType: 'inventory_updated',
    storeId: record.storeId,
    productId: record.sku,
    version,
    data: { type: 'adjusted', delta, qty, reserved: 0, idempotencyKey: `key-${version}` }
  }
}

function stock(version: number, qty: number, reserved = 0) {
  return { ...record, qty, reserved, version, updatedAt: '2026-01-15T09:30:00.000Z' }
}

function accountOf(changes: readonly AcknowledgedChange[]): RecordAccount {
  const account = new RecordAccount(record.storeId, record.sku)
  for (const change of changes) account.acknowledge(change)
  return account
}

t.test('an account in order has no faults, audit after audit', async (t) => {
  const account = accountOf([adjusted(2, -2, 3), adjusted(1, 5, 5)])
  t.same(account.audit(stock(2, 3), [event(2, -2, 3), event(1, 5, 5)]), [])
  t.equal(account.version, 2)
  account.acknowledge(adjusted(3, 4, 7))
  t.same(account.audit(stock(3, 7), [event(3, 4, 7), event(2, -2, 3)]), [])
})

t.test('an account says what is wrong', async (t) => {
  const cases = {
    'a change that is gone, the newest': {
      changes: [adjusted(1, 5, 5), adjusted(2, -2, 3)],
      record: stock(1, 5),
      history: [event(1, 5, 5)],
      kinds: ['lost']
    },
    'a record that is gone': {
      changes: [adjusted(1, 5, 5)],
      record: undefined,
      history: [],
      kinds: ['lost']
    },
    'a change that was made twice': {
      changes: [adjusted(1, 5, 5)],
      record: stock(2, 10),
      history: [event(2, 5, 10), event(1, 5, 5)],
      kinds: ['doubled', 'wrong']
    },
    'a gap in the versions': {
      changes: [adjusted(1, 5, 5), adjusted(3, 1, 6)],
      record: stock(3, 6),
      history: [event(3, 1, 6), event(1, 5, 5)],
      kinds: ['wrong']
    },
    'another delta than was asked for': {
      changes: [adjusted(1, 5, 5)],
      record: stock(1, 5),
      history: [event(1, 4, 5)],
      kinds: ['wrong']
    },
    'a record that is not what its history makes': {
      changes: [adjusted(1, 5, 5)],
      record: stock(1, 5, 1),
      history: [event(1, 5, 5)],
      kinds: ['wrong']
    },
    'an answer with another quantity than its event': {
      changes: [adjusted(1, 5, 6)],
      record: stock(1, 5),
      history: [event(1, 5, 5)],
      kinds: ['wrong']
    }
  }
  for (const [name, { changes, record: found, history, kinds }] of Object.entries(cases)) {
    const faults = accountOf(changes).audit(found, history)
    t.same(
      faults.map(({ kind }) => kind),
      kinds,
      name
    )
  }
})

t.test('two acknowledgments of one version are a fault', async (t) => {
  const account = accountOf([adjusted(1, 5, 5)])
  t.equal(account.acknowledge({ ...adjusted(1, 5, 5), key: 'another' })[0]?.kind, 'lost')
})

t.test('a past event that has changed is a fault', async (t) => {
  const account = accountOf([adjusted(1, 5, 5)])
  account.audit(stock(1, 5), [event(1, 5, 5)])
  t.match(account.audit(stock(1, 5), [event(1, 6, 5)]), [{ kind: 'wrong' }])
})

t.test('reservations are held, given back and taken', async (t) => {
  const reservationId = 'r'
  const account = accountOf([
    adjusted(1, 5, 5),
    {
      ...record,
      movement: { type: 'reserve', ...record, qty: 3 },
      key: 'key-2',
      version: 2,
      qty: 2,
      reservationId
    },
    {
      ...record,
      movement: { type: 'release', ...record, reservationId, qty: 1 },
      key: 'key-3',
      version: 3,
      qty: 3
    },
    { ...record, movement: { type: 'commit', ...record, reservationId }, key: 'key-4', version: 4, qty: 3 }
  ])
  const history = [
    { ...event(4, 0, 3), data: { ...event(4, 0, 3).data, type: 'committed' } as const },
    { ...event(3, 1, 3), data: { ...event(3, 1, 3).data, type: 'released', reserved: 2 } as const },
    { ...event(2, -3, 2), data: { ...event(2, -3, 2).data, type: 'reserved', reserved: 3 } as const },
    event(1, 5, 5)
  ]
  t.same(account.audit(stock(4, 3), history), [])
})
