import t from 'tap'
import { FrameBuffer } from '../../../adapters/wal/frame-buffer.ts'
import { LineScan } from '../../../adapters/wal/scanned-lines.ts'

function frameOf(sku: string): Buffer {
  const frames = new FrameBuffer()
  const facts = { storeId: 'S1', sku, base: '', delta: 1, qty: 1, reserved: 0, version: 1 }
  frames.add({ id: 'a-1', at: 1, events: [{ type: 'adjusted', ...facts }] })
  return Buffer.from(frames.bytes)
}

const kinds = (bytes: Buffer): string[] => [...new LineScan(bytes, 0)].map(({ kind }) => kind)

t.test('a frame behind a torn one is found, wherever the torn one was to end', async (t) => {
  const good = frameOf('good')
  const cut = frameOf('x'.repeat(2 * good.length))
  t.strictSame(kinds(Buffer.concat([cut, good])), ['frame', 'frame'])
  for (let length = 1; length < cut.length - 1; length += 1) {
    // Among these is the length with which the torn frame says that it ends where the good one does.
    const found = kinds(Buffer.concat([cut.subarray(0, length), good]))
    t.strictSame(found, length === 1 ? ['frame'] : ['torn', 'frame'], `${length} bytes of it`)
  }
})

t.test('a newline within the words of a frame ends it', async (t) => {
  const bytes = frameOf('one two')
  bytes[bytes.indexOf(' two')] = 0x0a
  t.strictSame(kinds(bytes), ['torn', 'rotten'])
})

t.test('what follows the last newline is left for the next scan', async (t) => {
  const bytes = Buffer.concat([frameOf('a'), frameOf('b').subarray(0, -1)])
  const scan = new LineScan(bytes, 1000)
  t.strictSame(
    [...scan].map(({ kind }) => kind),
    ['frame']
  )
  t.equal(scan.unfinishedFrom, 1000 + frameOf('a').length + 1)
})
