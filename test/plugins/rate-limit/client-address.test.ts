import t from 'tap'
import { clientNames, siteOf } from '../../../plugins/rate-limit/client-address.ts'

t.test('whom an address belongs to', async (t) => {
  const clientOf = clientNames()
  for (const [address, client] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107', '203.0.113.7'],
    ['2001:db8:7:1::5', '2001:db8:7:1::/64'],
    ['2001:DB8:7:1:ffff:ffff:ffff:ffff', '2001:db8:7:1::/64'],
    ['2001:db8:7:2::5', '2001:db8:7:2::/64'],
    ['::1', '::/64'],
    ['0:0:0:5:6:7:8:9', '0:0:0:5::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['unknown', 'unknown'],
    ['', 'unknown'],
    ['203.0.113.7:5678', 'unknown'],
    [undefined, 'unknown'],
    [`fe80::1%${'x'.repeat(10_000)}`, 'unknown']
  ] as const) {
    t.equal(clientOf(address), client, String(address).slice(0, 40))
    t.equal(clientOf(address), client, 'and again')
  }
})

t.test('whose site a client is part of', async (t) => {
  const clientOf = clientNames()
  const site = (address: string) => siteOf(clientOf(address))
  t.equal(site('2001:db8:7:1::5'), site('2001:db8:7:ffff::'))
  t.not(site('2001:db8:7:1::5'), site('2001:db8:8:1::5'))
  t.not(site('2001:db8::1'), site('2001:db9::1'))
  t.equal(site('2001:db8::1'), site('2001:db8:0:5::1'), 'zeros that are left out included')
  t.equal(site('::1'), site('0:0:0:5::'))
  t.equal(site('203.0.113.7'), '203.0.113.7')
  t.equal(site('nonsense'), 'unknown')
})
