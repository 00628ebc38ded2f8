import t from 'tap'
import { limitedService, product, status, statuses } from './limited-service.ts'

t.test('by address, by all of them together, or by both', async (t) => {
  const [one, two, three] = [
    { remoteAddress: '192.0.2.1' },
    { remoteAddress: '192.0.2.2' },
    { remoteAddress: '::1' }
  ]
  const ip = await limitedService(t, { type: 'ip', requestsPerMinute: 2 })
  t.strictSame(await statuses(ip, product, 3, one), [404, 404, 429])
  t.strictSame(await statuses(ip, product, 3, two), [404, 404, 429])

  const global = await limitedService(t, { type: 'global', requestsPerMinute: 2, adminRequestsPerMinute: 1 })
  t.strictSame(await statuses(global, product, 1, one), [404])
  t.strictSame(await statuses(global, product, 2, two), [404, 429])
  t.strictSame(await statuses(global, status, 2, one), [200, 429], 'administration too')

  const both = await limitedService(t, { type: 'both', requestsPerMinute: 3 })
  t.strictSame(await statuses(both, product, 1, one), [404])
  t.strictSame(await statuses(both, product, 3, two), [404, 404, 429])
  t.strictSame(await statuses(both, product, 1, three), [429])
  const answered = await both.inject({ method: 'GET', url: product, ...three })
  t.match(answered.json<{ error: { message: string } }>().error.message, /one address and from all together$/)
})

t.test('X-Forwarded-For counts only from a proxy that is trusted', async (t) => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const direct = await limitedService(t, { requestsPerMinute: 2 })
  t.strictSame(await statuses(direct, product, 1, from('192.0.2.1')), [404])
  t.strictSame(await statuses(direct, product, 2, from('192.0.2.2')), [404, 429], 'whatever it says')

  const behind = await limitedService(t, { requestsPerMinute: 2 }, { trustProxy: 'loopback' })
  t.strictSame(await statuses(behind, product, 3, from('192.0.2.1')), [404, 404, 429])
  t.strictSame(
    await statuses(behind, product, 1, from('198.51.100.9, 192.0.2.1')),
    [429],
    'nor what stands before'
  )
  t.strictSame(await statuses(behind, product, 1, from('192.0.2.2')), [404])
  const elsewhere = { ...from('192.0.2.3'), remoteAddress: '203.0.113.5' }
  t.strictSame(await statuses(behind, product, 3, elsewhere), [404, 404, 429])
  t.strictSame(await statuses(behind, product, 1, { ...elsewhere, ...from('192.0.2.4') }), [429])
})

t.test('an IPv6 address counts with its network, an IPv4 address however it is written', async (t) => {
  const service = await limitedService(t, { requestsPerMinute: 2 })
  const from = (remoteAddress: string) => statuses(service, product, 1, { remoteAddress })
  t.strictSame(await from('2001:db8:7:1::1'), [404])
  t.strictSame(await from('2001:db8:7:1:abcd::2'), [404])
  t.strictSame(await from('2001:db8:7:1:ffff:ffff:ffff:ffff'), [429])
  t.strictSame(await from('2001:db8:7:2::1'), [404])
  t.strictSame(await from('192.0.2.1'), [404])
  t.strictSame(await from('::ffff:192.0.2.1'), [404])
  t.strictSame(await from('::ffff:c000:201'), [429])
})
