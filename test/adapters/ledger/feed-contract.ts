import type { PrintableEvent } from '../../../domain/written-adjustment.ts'
import { printEvent } from '../../../plugins/feed/printed-event.ts'
import { adjust, atomic, separate } from '../../domain/units.ts'
import { changes, feed, stock } from './asking.ts'
import type { Promises } from './promises.ts'

/** Notes what is registered on a signal and not taken off again. */
function watched() {
  const controller = new AbortController()
  const { signal } = controller
  let added = 0
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added += 1
    listeners += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1
    remove(...args)
  }
  return {
    signal,
    abort: (reason: Error) => controller.abort(reason),
    added: () => added,
    listeners: () => listeners
  }
}

const printed = (events: readonly PrintableEvent[]): string[] => events.map((event) => printEvent(event))

export const feedPromises: Promises = {
  async 'read: contiguous from any sequence, as many as asked for'(t, ledger) {
    for (let round = 1; round <= 10; round += 1) {
      await ledger.execute(atomic([adjust('a', round), adjust('b', round), adjust('a', -1)]))
      await ledger.execute(separate([adjust('c', -1)]))
    }
    const all = await feed(ledger)
    t.strictSame(
      all.map(({ sequence }) => sequence),
      Array.from({ length: 30 }, (_, index) => index + 1)
    )
    t.strictSame(changes(all.slice(3, 6)), ['4 a 2', '5 b 2', '6 a -1'])
    for (let from = 1; from <= 31; from += 3) {
      for (const limit of [1, 2, 5, 100]) {
        const wanted = all.slice(from - 1, from - 1 + limit)
        t.strictSame(await ledger.read(from, limit), wanted)
        t.strictSame(printed(await ledger.readPrintable(from, limit)), printed(wanted))
      }
    }
  },

  async 'read: empty behind the end'(t, ledger) {
    t.strictSame(await ledger.read(1, 10), [])
    await stock(ledger, { a: 1 })
    t.strictSame(await ledger.read(2, 10), [])
    t.strictSame(await ledger.read(1000, 10), [])
    t.strictSame(await ledger.read(1, 0), [], 'or where nothing is asked for')
  },

  async 'read: events of any length, and texts of any language'(t, ledger) {
    const reasons = ['', 'Zähl\u{1f600}ung', '"\\\n\u2028', 'x'.repeat(300_000), 'short']
    for (const reason of reasons) await ledger.execute(separate([adjust('ü', 1, { reason })]))
    t.strictSame(
      (await feed(ledger)).map(({ event }) => event.reason),
      reasons
    )
    t.match(await ledger.read(4, 1), [{ event: { reason: reasons[3] } }])
    t.strictSame(printed(await ledger.readPrintable(1, 5)), printed(await ledger.read(1, 5)))
  },

  async 'waitFor: at once where the event is there'(t, ledger) {
    await ledger.waitFor(0)
    await stock(ledger, { a: 1 })
    await ledger.waitFor(1)
    t.equal((await ledger.read(1, 1)).length, 1)
  },

  async 'waitFor: with the event, when it can be read'(t, ledger) {
    const { signal, added, listeners } = watched()
    const arrived: number[] = []
    const waits = [3, 1, 2, 3].map(async (sequence) => {
      await ledger.waitFor(sequence, signal)
      t.equal((await ledger.read(sequence, 1)).length, 1)
      arrived.push(sequence)
    })
    await ledger.execute(separate([adjust('a', 1)]))
    await waits[1]
    t.strictSame(arrived, [1])
    await ledger.execute(separate([adjust('a', 1), adjust('a', 1)]))
    await Promise.all(waits)
    t.equal(added(), 4)
    t.equal(listeners(), 0, 'nothing is left behind on the signal')
  },

  async 'waitFor: rejects when the signal is aborted'(t, ledger) {
    const { signal, abort } = watched()
    const reason = new Error('the reader went away')
    const wait = ledger.waitFor(1, signal)
    abort(reason)
    await t.rejects(wait, reason)
    await t.rejects(ledger.waitFor(1, signal), reason, 'or was before')
    await stock(ledger, { a: 1 })
    t.equal(ledger.health().sequence, 1)
  },

  async 'waitFor: rejects when the ledger closes'(t, ledger) {
    const { signal, listeners } = watched()
    const wait = t.rejects(ledger.waitFor(1, signal), { code: 'closed' })
    await ledger.close()
    await wait
    t.equal(listeners(), 0)
    await t.rejects(ledger.waitFor(1), { code: 'closed' })
  }
}
