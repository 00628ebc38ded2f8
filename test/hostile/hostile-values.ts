import fc, { type Arbitrary } from 'fast-check'
import { RawJson } from './http-request.ts'

const nesting = 10_000

/** Texts that have broken parsers, file names, terminals, comparisons and prototypes. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '0',
  '5',
  '-1',
  'null',
  'NaN',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  '\u0000',
  'a\u0000b',
  '\n',
  '\r\nx-injected: 1',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\ud800',
  '\udc00x',
  '\ufeff',
  '\ufffd',
  '\uffff',
  'e\u0301',
  '\u00e9',
  '\u202e\u200f\u200b',
  'İıſK',
  '😀'.repeat(128),
  '😀'.repeat(129),
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(512),
  'x'.repeat(513),
  'x'.repeat(100_000),
  '%00',
  '%ff',
  '..%2F..%2Fetc',
  '../../etc/passwd',
  '%252e%252e%252f',
  'file:///etc/passwd',
  '$' + '{7*7}{{7*7}}',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '9007199254740993',
  '1e3',
  '2026-13-45T99:99:99.999Z'
]

const hostileNumbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-7,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  -1e308,
  5e-324
]

// Numbers that JSON can say and JavaScript cannot hold, and what only looks like JSON.
const hostileTokens = [
  '-0',
  '1.0',
  '1e0',
  '1E400',
  '-1e400',
  '9007199254740993',
  `1${'0'.repeat(5000)}`,
  `0.${'0'.repeat(5000)}1`,
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  '1n',
  'NaN',
  'Infinity',
  'undefined',
  "'text'",
  '"\\ud800"',
  '"\\u0000"',
  '"\\x41"',
  '"unended',
  '{"a":1,"a":2}',
  '{"__proto__":{"delta":1}}',
  '{"constructor":{"prototype":{"delta":1}}}',
  '{"toJSON":1,"valueOf":2}',
  '/* comment */ 1',
  '[1,]',
  '{,}',
  '',
  '['.repeat(nesting) + ']'.repeat(nesting),
  '{"a":'.repeat(nesting) + '1' + '}'.repeat(nesting),
  '['.repeat(nesting)
]

const others: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [{}],
  { length: 1 },
  [null],
  ['5'],
  Array(3000).fill(0)
]

/** Values that no field expects. */
export const hostileValues: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...hostileNumbers),
  fc.constantFrom(...hostileTexts),
  fc.constantFrom(...hostileTokens).map((text) => new RawJson(text)),
  fc.constantFrom(...others),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 })
)

/** Names that no field has. */
export const hostileNames: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileTexts.filter((text) => text.length < 1000)),
  fc.constantFrom(
    'Delta',
    'delta ',
    'qty\u0000',
    'storeid',
    'success',
    'version',
    'id',
    '0',
    'length',
    '$ref'
  )
)
