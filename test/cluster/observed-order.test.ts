import t from 'tap'
import type { StockEvent } from '../../plugins/schemas/history.ts'
import { nameOf, ObservedOrder } from './observed-order.ts'

const record = { storeId: 'S', sku: 'K' }
const event = (version: number, qty: number) => ({ version, data: { qty, reserved: 0 } }) as StockEvent
const history = new Map([[nameOf(record), [event(3, 7), event(2, 6), event(1, 5)]]])

/** The faults of a run: changes as [version, asked, answered], reads as [version, qty, asked, answered]. */
function faults(
  changes: [number, number, number][],
  reads: [number, number, number, number][] = []
): string[] {
  const order = new ObservedOrder()
  for (const [version, asked, answered] of changes) order.changed(record, version, { asked, answered })
  for (const [version, qty, asked, answered] of reads) {
    order.read({ ...record, version, qty, reserved: 0, updatedAt: '' }, { asked, answered })
  }
  return order.faults(history)
}

t.test('what can have happened one after the other is let pass', async (t) => {
  t.strictSame(
    faults(
      [
        [1, 1, 2],
        [2, 3, 8],
        [3, 4, 5]
      ],
      [
        [1, 5, 3, 4],
        [2, 6, 4, 7],
        [3, 7, 6, 9]
      ]
    ),
    []
  )
  t.strictSame(
    faults(
      [
        [1, 1, 2],
        [2, 3, 10],
        [3, 4, 11]
      ],
      [
        [3, 7, 5, 6],
        [3, 7, 7, 8]
      ]
    ),
    [],
    'an answer may be late'
  )
})

t.test('what cannot is found', async (t) => {
  const cases: [string, string[], RegExp][] = [
    [
      'a read that misses a change',
      faults(
        [
          [1, 1, 2],
          [2, 3, 4]
        ],
        [[1, 5, 5, 6]]
      ),
      /version 1 was read after version 2/
    ],
    [
      'a read older than a read',
      faults(
        [
          [1, 1, 2],
          [2, 3, 20]
        ],
        [
          [2, 6, 4, 5],
          [1, 5, 6, 7]
        ]
      ),
      /version 1 was read after/
    ],
    [
      'a change under an older one',
      faults([
        [2, 1, 2],
        [1, 3, 4]
      ]),
      /version 1 was made after version 2/
    ],
    [
      'a change that is made twice',
      faults([
        [1, 1, 2],
        [1, 3, 4]
      ]),
      /version 1 was made after version 1/
    ],
    [
      'a read of the future',
      faults(
        [
          [1, 1, 2],
          [2, 6, 7]
        ],
        [[2, 6, 4, 5]]
      ),
      /version 2 was seen before/
    ],
    ['another quantity', faults([[1, 1, 2]], [[1, 4, 3, 4]]), /was read as .*4.* and is .*5/],
    ['what is gone', faults([[4, 1, 2]]), /version 4 was told of, and is not in the history/]
  ]
  for (const [name, found, pattern] of cases) t.match(found.join('\n'), pattern, name)
})
