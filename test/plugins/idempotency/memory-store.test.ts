import t from 'tap'

import { MemoryIdempotencyStore, type RememberedAnswer } from '../../../plugins/idempotency/plugin.ts'
import { Clock } from './application.ts'

const answer: RememberedAnswer = { status: 200, headers: {}, body: null }

function identity(key: string, until: number, fingerprint = 'f') {
  return { key, fingerprint, until }
}

t.test('the oldest answer goes first, a claim never', async (t) => {
  const clock = new Clock()
  const store = new MemoryIdempotencyStore({ maxEntries: 2, now: clock.now })
  const until = clock.now() + 1000
  t.same(store.claim(identity('running', until)), { kind: 'first' })
  for (const key of ['a', 'b']) {
    store.claim(identity(key, until))
    store.complete(identity(key, until), answer)
  }
  t.same(store.claim(identity('a', until)), { kind: 'answered', answer }, 'asking does not make it younger')
  store.claim(identity('c', until))
  store.complete(identity('c', until), answer)
  t.equal(store.size, 2)
  t.same(store.claim(identity('b', until)), { kind: 'answered', answer })
  t.same(store.claim(identity('c', until)), { kind: 'answered', answer })
  t.same(store.claim(identity('a', until)), { kind: 'first' })
  t.match(store.claim(identity('running', until)), { kind: 'in_flight' })
  t.same(store.claim(identity('running', until, 'other')), { kind: 'conflict' })
})

t.test('an answer that came after its time is given to who waits and not kept', async (t) => {
  const clock = new Clock()
  const store = new MemoryIdempotencyStore({ now: clock.now })
  const late = identity('k', clock.now() + 1000)
  store.claim(late)
  const waiting = store.claim(late)
  clock.advance(1000)
  store.complete(late, answer)
  t.same(waiting.kind === 'in_flight' && (await waiting.answer), answer)
  t.same(store.claim(late), { kind: 'first' })
})

t.test('a released claim is made again', async (t) => {
  const store = new MemoryIdempotencyStore()
  const claimed = identity('k', Date.now() + 1000)
  store.claim(claimed)
  const waiting = store.claim(claimed)
  store.release(claimed)
  t.equal(waiting.kind === 'in_flight' && (await waiting.answer), undefined)
  t.same(store.claim(claimed), { kind: 'first' })
})
