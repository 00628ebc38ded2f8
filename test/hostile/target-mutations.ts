import fc, { type Arbitrary } from 'fast-check'
import { mutations, type Mutation } from './mutation.ts'

const anyPlace = fc.nat({ max: 50 })

/** What may stand in the place of one segment of a path, as it is sent. */
const segments = [
  '',
  '%',
  '%zz',
  '%f',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%00',
  '%0d%0ax-injected:1',
  '%2F',
  '%252F',
  '..',
  '.',
  '%2e%2e',
  '..%2F..%2Fetc',
  '..%5C..%5C',
  '*',
  ':storeId',
  ';a=b',
  '__proto__',
  'constructor',
  '%20',
  '+',
  '~',
  '\'"<>',
  '%E2%80%AE',
  'x'.repeat(129),
  'x'.repeat(7000),
  '%F0%9F%98%80'.repeat(129),
  '%41'.repeat(128),
  'events',
  'undefined'
]

const numbers = [
  '0',
  '-1',
  '1001',
  '05',
  '1e2',
  '0x10',
  '%205',
  '5%20',
  '1.5',
  '9007199254740993',
  'NaN',
  '',
  '%D9%A5',
  '1,2'
]
const names = ['limit', 'cursor', 'offset', 'wait', 'storeId', 'productId', 'eventType', 'atomic', 'delta']
const strangers = [
  'unknown=1',
  '__proto__=1',
  '__proto__[limit]=1',
  'constructor[prototype][limit]=1',
  'limit[]=1',
  'limit[0]=1',
  'limit.a=1',
  'Limit=1',
  'limit',
  '=1',
  '&&&',
  '?',
  '%',
  '%zz=%zz',
  'limit=%ff',
  'cursor=%00',
  'a=b'.repeat(1500),
  Array.from({ length: 1500 }, (_, index) => `a${index}=`).join('&'),
  'toString=1&hasOwnProperty=2'
]
const cursors = [
  '',
  'x',
  '====',
  'c2t1OkEx',
  'c2VxdWVuY2U6LTE',
  'c2VxdWVuY2U6MQ==',
  'x'.repeat(1024),
  'x'.repeat(1025),
  '%2e%2e',
  'AAAA_-'
]

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'SEARCH',
  'LOCK',
  'QUERY',
  'get',
  'FOO'
]

export const targetMutations: Arbitrary<Mutation> = fc.oneof(
  mutations(
    'a segment of the path',
    fc.tuple(anyPlace, fc.constantFrom(...segments)),
    (request, [at, segment]) => {
      const parts = request.path.split('/')
      parts[1 + (at % (parts.length - 1))] = segment
      request.path = parts.join('/')
      request.socketOnly = true
    }
  ),
  mutations('another form of the path', fc.nat({ max: 7 }), (request, form) => {
    request.path = [
      `${request.path}/`,
      `/${request.path}`,
      request.path.toUpperCase(),
      request.path.replace('/api', '/%61pi'),
      `http://service${request.path}`,
      `${request.path}#fragment`,
      request.path.slice(1),
      request.path.replaceAll('/', '\\')
    ][form] as string
    request.socketOnly = true
  }),
  mutations('another method', fc.constantFrom(...methods), (request, method) => {
    request.method = method
    request.socketOnly = true
  }),
  mutations(
    'a number of the query',
    fc.constantFrom(...names.flatMap((name) => numbers.map((value) => `${name}=${value}`))),
    (request, more) => {
      request.query = more
    }
  ),
  mutations('a parameter more', fc.constantFrom(...strangers), (request, more) => {
    request.query = request.query === '' ? more : `${request.query}&${more}`
  }),
  mutations('a parameter twice', fc.constantFrom(...names), (request, name) => {
    request.query = `${request.query}&${name}=1&${name}=2`
  }),
  mutations('a foreign cursor', fc.constantFrom(...cursors), (request, cursor) => {
    request.query = `cursor=${cursor}`
  }),
  mutations('a changed cursor', fc.tuple(anyPlace, fc.constantFrom(...'A_-=z0')), (request, [at, by]) => {
    request.query = request.query.replace(/(?<=cursor=)[^&]+/, (cursor) => {
      const place = at % cursor.length
      return cursor.slice(0, place) + by + cursor.slice(place + 1)
    })
  })
)
