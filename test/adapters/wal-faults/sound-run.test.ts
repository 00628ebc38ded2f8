import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { soundRunEnd } from '../../../adapters/wal/sound-run.ts'
import { LineScan } from '../../../adapters/wal/scanned-lines.ts'
import { holds } from '../../domain/property.ts'

/** Frames with these bodies, one behind the other. */
function framesOf(bodies: readonly string[]): Buffer {
  return Buffer.concat(
    bodies.map((body) => {
      const bytes = Buffer.from(body)
      const head = `${crc32(bytes).toString(16).padStart(8, '0')} ${String(bytes.length).padStart(10, '0')} `
      return Buffer.concat([Buffer.from(`\n${head}`), bytes, Buffer.from('\n')])
    })
  )
}

const body = fc.oneof(
  fc.string({ minLength: 60, maxLength: 250, size: 'max' }),
  fc.string({ unit: 'binary', minLength: 60, maxLength: 250, size: 'max' }),
  fc.constantFrom('', '0', '{}')
)
const bodies = fc.array(
  body.filter((text) => !text.includes('\n')),
  { minLength: 60, maxLength: 100 }
)

const found = (bytes: Buffer): unknown[] =>
  [...new LineScan(bytes, 0)].map((line) => (line.kind === 'frame' ? line.body : line.kind))

t.test('a run of frames is sound as a whole, with all that they hold', async (t) => {
  let runs = 0
  const property = fc.property(bodies, (texts) => {
    const bytes = framesOf(texts)
    const end = soundRunEnd(bytes)
    if (end > 0) runs += 1
    equal(end, bytes.length < 4096 ? 0 : bytes.length - 1)
    deepStrictEqual(
      found(bytes),
      texts.map((text) => Buffer.from(text).toString())
    )
  })
  holds(t, 'a run', property, 100)
  t.ok(runs > 50, `${runs} runs were long enough`)
})

t.test('whatever byte of a run is changed, its frame is found to be rotten, and no other', async (t) => {
  const texts = Array.from({ length: 60 }, (_, index) =>
    JSON.stringify({ id: `a-${index}`, at: index ** 5, sku: 'k'.repeat(60) })
  )
  texts.push('x'.repeat(4096), ...texts)
  const bytes = framesOf(texts)
  t.ok(soundRunEnd(bytes) > 4096)
  const changes = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }))
  const property = fc.property(changes, ([at, bits]) => {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ bits
    const frames = found(changed).filter((text) => texts.includes(String(text)))
    // A newline between two frames may go, and both are there still; or they become one line, which is neither.
    ok(frames.length >= texts.length - 2 && frames.length <= texts.length)
    const isNewline = bytes[at] === 0x0a
    ok(isNewline || frames.length < texts.length, `the change of byte ${at} by ${bits} is found`)
  })
  holds(t, 'a changed byte', property, 400)
})

t.test('frames that are too long end a run, and are checked by themselves', async (t) => {
  const short = Array.from({ length: 100 }, (_, index) => `"${'y'.repeat(100)}${index}"`)
  const bytes = framesOf([...short, 'z'.repeat(1025), ...short])
  t.equal(soundRunEnd(bytes), framesOf(short).length - 1)
  t.equal(found(bytes).length, 201)
  bytes[bytes.indexOf('zzz')] = 0x79
  t.same(
    found(bytes).filter((text) => text === 'rotten'),
    ['rotten']
  )
})

t.test('a checksum that is no number is never right', async (t) => {
  const bytes = framesOf(Array.from({ length: 60 }, () => 'w'.repeat(100)))
  bytes.write('ABCDEFGH', 1)
  t.equal(soundRunEnd(bytes), 0)
  t.equal(found(bytes)[0], 'rotten')
  t.equal(found(bytes).length, 60)
})
