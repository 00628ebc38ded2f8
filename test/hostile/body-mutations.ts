import { gzipSync } from 'node:zlib'
import fc, { type Arbitrary } from 'fast-check'
import { hostileNames, hostileValues } from './hostile-values.ts'
import { jsonText, payloadOf, RawJson, setHeader, type HttpRequest } from './http-request.ts'
import { mutations, type Mutation } from './mutation.ts'

type Holder = Record<string, unknown>

interface Place {
  readonly holder: Holder
  readonly name: string
}

const anyPlace = fc.nat({ max: 1000 })
/** More than any route takes. */
const oversized = 8 * 1024 * 1024 + 1

/** What can be wrong with a JSON body as a value. */
const valueMutations: readonly Arbitrary<Mutation>[] = [
  mutations('a value of another kind', fc.tuple(anyPlace, hostileValues), (request, [pick, value]) => {
    atPlace(request, pick, ({ holder, name }) => define(holder, name, own(value)))
  }),
  mutations('a field left out', anyPlace, (request, pick) => {
    atPlace(request, pick, ({ holder, name }) => {
      if (Array.isArray(holder)) holder.splice(Number(name), 1)
      else delete holder[name]
    })
  }),
  mutations(
    'a field more',
    fc.tuple(anyPlace, hostileNames, hostileValues),
    (request, [pick, name, value]) => {
      atPlace(request, pick, ({ holder }) => define(holder, name, own(value)))
    }
  ),
  mutations('a field of another name', fc.tuple(anyPlace, hostileNames), (request, [pick, name]) => {
    atPlace(request, pick, ({ holder, name: old }) => {
      define(holder, name, holder[old])
      delete holder[old]
    })
  }),
  mutations('another body', hostileValues, (request, value) => {
    request.json = own(value)
  }),
  mutations('the body in an array', fc.constant(1), (request) => {
    request.json = [request.json]
  })
]

/** What can be wrong with the text of a body. */
const textMutations: readonly Arbitrary<Mutation>[] = [
  textMutation('a body cut off', anyPlace, (text, at) => text.slice(0, at % Math.max(1, text.length))),
  textMutation(
    'something after the body',
    fc.constantFrom('x', '{}', ',', '\0', ']', ' \n\t ', '\ufeff', '//'),
    (text, more) => text + more
  ),
  textMutation(
    'something before the body',
    fc.constantFrom('\ufeff', '\ufeff\ufeff', '\0', ' \r\n', ")]}',\n"),
    (text, more) => more + text
  ),
  textMutation('a name twice', hostileValues, (text, value) =>
    text.replace(/"(\w+)":/, (member, name: string) => `${member}${jsonText(value)},"${name}":`)
  ),
  textMutation(
    'a character of the body changed',
    fc.tuple(anyPlace, fc.constantFrom(...'"{}[]:,\\ 0e-\0')),
    (text, [at, by]) => {
      const place = at % Math.max(1, text.length)
      return text.slice(0, place) + by + text.slice(place + 1)
    }
  ),
  textMutation(
    'a body over the limit',
    fc.constantFrom(' ', '[', '9'),
    (text, by) => text + by.repeat(oversized)
  ),
  textMutation('an empty body', fc.constant(1), () => ''),
  bytesMutation(
    'a body that is no UTF-8',
    fc.constantFrom('ff', 'c0af', 'eda080', 'f09f98', 'f4908080', 'e9'),
    (bytes, hex) => {
      const quote = bytes.lastIndexOf('"')
      const cut = quote < 1 ? bytes.length : quote
      return Buffer.concat([bytes.subarray(0, cut), Buffer.from(hex, 'hex'), bytes.subarray(cut)])
    }
  ),
  bytesMutation('a body in UTF-16', fc.boolean(), (bytes, big) => {
    const wide = Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le')
    return big ? wide.swap16() : wide
  }),
  mutations('a packed body', fc.constantFrom('gzip', 'x-gzip', 'GZIP, gzip', 'br'), (request, encoding) => {
    request.payload = gzipSync(Buffer.from(payloadOf(request) ?? ''))
    setHeader(request, 'content-encoding', encoding)
  }),
  mutations('no body', fc.boolean(), (request, typed) => {
    delete request.json
    delete request.payload
    if (!typed) setHeader(request, 'content-type', undefined)
  })
]

export const bodyMutations: Arbitrary<Mutation> = fc
  .oneof(
    ...valueMutations.map((arbitrary) => ({ arbitrary, weight: 6 })),
    ...textMutations.map((arbitrary) => ({ arbitrary, weight: 1 }))
  )
  .map((mutation) => ({ ...mutation, apply: (request) => applyWithType(mutation, request) }))

/** A body that nobody asked for must first be taken for one. */
function applyWithType(mutation: Mutation, request: HttpRequest): void {
  const had = payloadOf(request) !== undefined
  mutation.apply(request)
  if (!had && payloadOf(request) !== undefined) setHeader(request, 'content-type', 'application/json')
}

function textMutation<Value>(
  name: string,
  values: Arbitrary<Value>,
  change: (text: string, value: Value) => string
) {
  return mutations(name, values, (request, value) => {
    request.payload = change((payloadOf(request) ?? '').toString(), value)
  })
}

function bytesMutation<Value>(
  name: string,
  values: Arbitrary<Value>,
  change: (bytes: Buffer, value: Value) => Buffer
) {
  return mutations(name, values, (request, value) => {
    request.payload = change(Buffer.from(payloadOf(request) ?? ''), value)
  })
}

function atPlace(request: HttpRequest, pick: number, change: (place: Place) => void): void {
  const places = placesIn(request.json)
  const place = places[pick % Math.max(1, places.length)]
  if (place !== undefined) change(place)
}

/** Every member of every object and array in the value. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null || value instanceof RawJson) return []
  const holder = value as Holder
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])])
}

/** The value for one body alone: the next mutation may change it, and the next request may be given it again. */
function own(value: unknown): unknown {
  return value instanceof RawJson ? value : structuredClone(value)
}

/** Sets a member that is nothing but a member, be it called `__proto__`. */
function define(holder: Holder, name: string, value: unknown): void {
  if (Array.isArray(holder) && !Object.hasOwn(holder, Number(name))) {
    holder.push(value)
    return
  }
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
}
