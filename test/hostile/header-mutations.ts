import fc, { type Arbitrary } from 'fast-check'
import { headerOf, setHeader } from './http-request.ts'
import { mutations, type Mutation } from './mutation.ts'

const entityTags = [
  '""',
  '"0"',
  '"01"',
  '1',
  '*, "1"',
  '"1", *',
  '"1"   ,,, "2"',
  ',',
  'W/"1"',
  'w/"1"',
  '"1',
  '"1""2"',
  '"\u00ff"',
  '"9007199254740993"',
  `"${'9'.repeat(400)}"`,
  Array.from({ length: 1500 }, (_, version) => `"${version}"`).join(','),
  '"a b"',
  "'1'",
  '"-1"',
  '"__proto__"'
]

const acceptances = [
  '*/*',
  'application/json',
  'application/problem+json',
  'application/problem+json;q=0, application/json;q=0',
  'application/problem+json;q=NaN',
  'application/problem+json;q=1e9;q=-1',
  'text/html',
  'text/event-stream',
  'a/b;"unended',
  ';;;,,,/',
  '__proto__/constructor',
  '*/json, application/*;q=0.5, */*;q=0.1',
  `application/problem+json;${'x="y";'.repeat(900)}`,
  ','.repeat(7000)
]

const identities = [
  'a b',
  'tab\t',
  'x'.repeat(129),
  'x'.repeat(7000),
  '"quoted"',
  '$' + '{jndi:ldap://x}',
  '\u00e9',
  '__proto__'
]

/** What callers have sent in headers, by name. */
const hostileHeaders: Readonly<Record<string, readonly string[]>> = {
  'If-Match': entityTags,
  'If-None-Match': entityTags,
  Accept: acceptances,
  'Idempotency-Key': [
    '',
    'a key with spaces',
    'x'.repeat(256),
    'x'.repeat(7000),
    '\u00fc',
    'a,b',
    'a\tb',
    '"'
  ],
  'x-request-id': ['', ...identities],
  'X-API-Key': ['', 'unknown', ...identities],
  'Last-Event-ID': ['', '-1', '0', '1.5', '1e3', '9007199254740993', 'x', '9'.repeat(400)],
  'Content-Type': [
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'APPLICATION/JSON',
    'application/json;',
    'application/json; charset=',
    'application/json, text/plain',
    'application/jsonx',
    'application/problem+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '__proto__',
    'nonsense',
    '/',
    `application/json; a=${'x'.repeat(5000)}`
  ],
  'Content-Encoding': ['gzip', 'identity', 'x'],
  'X-Forwarded-For': ['127.0.0.1', '::1, 10.0.0.1', 'x'.repeat(4000), '256.256.256.256', ',,,'],
  'X-Forwarded-Host': ['evil.example', '\u00e9'],
  'X-HTTP-Method-Override': ['DELETE', 'x'],
  Host: ['', 'evil.example:99999', 'a b', '[::1'],
  Range: ['bytes=0-1', 'bytes=-'],
  Origin: ['null', 'http://evil.example'],
  Cookie: ['__proto__=1; constructor=2', 'x'.repeat(7000)],
  'Accept-Encoding': ['gzip;q=x', '*;q=0'],
  'Accept-Version': ['9.9.9', '*', 'x'],
  Authorization: ['Bearer x', 'Basic Og=='],
  __proto__header: ['1']
}

const values = Object.entries(hostileHeaders).flatMap(([name, given]) =>
  given.map((value) => [name, value] as const)
)

export const headerMutations: Arbitrary<Mutation> = fc.oneof(
  {
    arbitrary: mutations('a header', fc.constantFrom(...values), (request, [name, value]) =>
      setHeader(request, name, value)
    ),
    weight: 8
  },
  {
    arbitrary: mutations('a header twice', fc.constantFrom(...values), (request, [name, value]) => {
      request.headers.push([name, headerOf(request, name) ?? value], [name, value])
      request.socketOnly = true
    }),
    weight: 1
  },
  {
    arbitrary: mutations('a header left out', fc.nat({ max: 5 }), (request, pick) => {
      request.headers.splice(pick % Math.max(1, request.headers.length), 1)
    }),
    weight: 1
  },
  {
    arbitrary: mutations('many headers', fc.constantFrom(60, 250), (request, count) => {
      for (let index = 0; index < count; index++) request.headers.push([`x-more-${index}`, 'x'])
    }),
    weight: 1
  }
)
