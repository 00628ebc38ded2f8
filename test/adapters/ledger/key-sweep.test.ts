// A unit of no lines: the log is told how late it is, and everybody lets the same keys go.
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import { adjust, key, separate, ttlMs } from '../../domain/units.ts'
import { ask, feed, look, stock } from './asking.ts'

const over = 100 + 2 * ttlMs
const tell = (ledger: Ledger, at: number) => ledger.execute(separate([], { at }))

t.test('keys are let go by all who read the log, also after a restart', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const open = () => openWalLedger({ dataFolder: '/data', fileSystem })
  const [one, other] = [await open(), await open()]
  await stock(one, { a: 10 })
  const asked = (at: number) => separate([adjust('a', -1)], { at, identity: key('k') })
  t.strictSame(await ask(one, asked(100)), ['9 v2'])
  const held = (): Promise<number[]> =>
    Promise.all(
      [one, other].map(async (ledger) => {
        await look(ledger, 'a')
        return ledger.figures().rememberedKeys
      })
    )
  const sizes = async (): Promise<number> => (await fileSystem.open(one.place, 'read')).size()
  const before = await sizes()
  t.match(await tell(one, over - 1), { kind: 'answered', answer: { results: [] }, replayed: false })
  t.strictSame(await held(), [1, 1])
  t.equal(await sizes(), before, 'nothing is written that is of no use')

  await Promise.all([tell(one, over), tell(one, over), tell(other, over)])
  t.strictSame(await held(), [0, 0])
  const after = await sizes()
  await tell(other, over + 1_000_000)
  t.equal(await sizes(), after)
  t.equal((await feed(one)).length, 2, 'no event says so')

  // Whoever's clock is behind comes to the same as everybody else.
  t.strictSame(await ask(other, asked(150)), ['8 v3'])
  t.strictSame(await ask(one, asked(150)), { replayed: ['8 v3'] })
  await Promise.all([one.close(), other.close()])
  const again = await open()
  t.equal(again.figures().rememberedKeys, 1)
  t.equal(await look(again, 'a'), '8+0 v3')
  await again.close()
})
