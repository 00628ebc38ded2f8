import { deepStrictEqual } from 'node:assert/strict'

import fc from 'fast-check'
import t from 'tap'

import {
  parseEntityTags,
  printEntityTags,
  type EntityTags
} from '../../../plugins/preconditions/entity-tags.ts'
import { holds } from '../../domain/property.ts'

const strong = (opaque: string) => ({ weak: false, opaque })
const weak = (opaque: string) => ({ weak: true, opaque })

const readable: [value: string, tags: EntityTags][] = [
  ['*', '*'],
  [' \t* ', '*'],
  ['"1"', [strong('1')]],
  ['""', [strong('')]],
  ['W/"1"', [weak('1')]],
  ['"1","2"', [strong('1'), strong('2')]],
  ['"1" \t,\t W/"2" ', [strong('1'), weak('2')]],
  ['"a,b", "c"', [strong('a,b'), strong('c')]],
  ['"a\\", "b"', [strong('a\\'), strong('b')]],
  [',, "1" ,, ,"2",', [strong('1'), strong('2')]],
  ['"\x21\x23\x7e\x80\xff"', [strong('\x21\x23\x7e\x80\xff')]],
  ['"*"', [strong('*')]],
  ['"W/"', [strong('W/')]]
]

const malformed: [value: string, reason: string][] = [
  ['', 'it holds no entity tag'],
  [' ', 'it holds no entity tag'],
  [', ,', 'it holds no entity tag'],
  ['1', 'an entity tag in double quotes was expected at character 1'],
  ['"1', 'an entity tag in double quotes was expected at character 1'],
  ["'1'", 'an entity tag in double quotes was expected at character 1'],
  ['w/"1"', 'an entity tag in double quotes was expected at character 1'],
  ['W/1', 'an entity tag in double quotes was expected at character 1'],
  ['W /"1"', 'an entity tag in double quotes was expected at character 1'],
  ['"a b"', 'an entity tag in double quotes was expected at character 1'],
  ['"a\u0000"', 'an entity tag in double quotes was expected at character 1'],
  ['"a\u007f"', 'an entity tag in double quotes was expected at character 1'],
  ['"1" "2"', 'a comma was expected at character 5'],
  ['"1";"2"', 'a comma was expected at character 4'],
  ['"1"2', 'a comma was expected at character 4'],
  ['"1", *', 'an entity tag in double quotes was expected at character 6'],
  ['*, "1"', 'an entity tag in double quotes was expected at character 1'],
  ['*, *', 'an entity tag in double quotes was expected at character 1'],
  ['**', 'an entity tag in double quotes was expected at character 1']
]

t.test('values of RFC 9110 are read', async (t) => {
  for (const [value, tags] of readable) t.same(parseEntityTags(value), tags, JSON.stringify(value))
})

t.test('other values are refused with their place', async (t) => {
  for (const [value, reason] of malformed) {
    t.throws(() => parseEntityTags(value), { name: 'SyntaxError', message: reason }, JSON.stringify(value))
  }
})

const opaqueCharacters = ['\x21', ...characters(0x23, 0x7e), ...characters(0x80, 0xff)]

t.test('what is printed is read as the same tags', async (t) => {
  const opaque = fc.string({ unit: fc.constantFrom(...opaqueCharacters) })
  const tag = fc.record({ weak: fc.boolean(), opaque }, { noNullPrototype: true })
  const tags = fc.oneof(fc.constant<EntityTags>('*'), fc.array(tag, { minLength: 1 }))
  holds(
    t,
    'print, then parse',
    fc.property(tags, (value) => deepStrictEqual(parseEntityTags(printEntityTags(value)), value))
  )
})

t.test('any text is either read or refused', async (t) => {
  const piece = fc.constantFrom('"', 'W/', '*', ',', ' ', '\t', '1', 'a', 'é')
  holds(
    t,
    'parse, print, then parse',
    fc.property(fc.string({ unit: piece }), (value) => {
      const tags = readOrRefuse(value)
      if (tags !== undefined) deepStrictEqual(parseEntityTags(printEntityTags(tags)), tags)
    })
  )
})

t.test('a value of a million blanks is read in one pass', async (t) => {
  t.throws(() => parseEntityTags(`${' '.repeat(1_000_000)}x`), SyntaxError)
})

function readOrRefuse(value: string): EntityTags | undefined {
  try {
    return parseEntityTags(value)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function characters(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index))
}
