import t from 'tap'
import { limitedService, product, status, statuses } from './limited-service.ts'

t.test('the status of the limits', async (t) => {
  const service = await limitedService(t, { type: 'both', requestsPerMinute: 3 })
  const shown = { enabled: true, type: 'both', requestsPerMinute: 3, adminRequestsPerMinute: 50 }
  t.strictSame(
    (await service.get(status)).json(),
    { ...shown, currentClients: [] },
    'the asking itself not included'
  )

  const began = new Date(service.now).toISOString()
  await statuses(service, product, 1, { remoteAddress: '2001:db8::1' })
  service.now += 1000
  const second = new Date(service.now).toISOString()
  await statuses(service, product, 3, { remoteAddress: '192.0.2.1' })
  service.now += 1000
  t.strictSame((await service.get(status)).json(), {
    ...shown,
    currentClients: [
      { clientId: 'global', requestCount: 3, windowStart: began, isBlocked: true },
      { clientId: '192.0.2.1', requestCount: 2, windowStart: second, isBlocked: false },
      { clientId: '2001:db8::/64', requestCount: 1, windowStart: began, isBlocked: false }
    ]
  })
  service.now += 58_500
  t.match((await service.get(status)).json(), {
    currentClients: [
      { clientId: 'global', requestCount: 2, windowStart: second, isBlocked: false },
      { clientId: '192.0.2.1' }
    ]
  })
  service.now += 60_000
  t.strictSame((await service.get(status)).json(), { ...shown, currentClients: [] })
})

t.test('the status tells of a thousand clients at most', async (t) => {
  const service = await limitedService(t, {})
  for (let n = 0; n < 1001; n++) {
    await statuses(service, product, n === 1000 ? 2 : 1, { remoteAddress: `10.0.${n >> 8}.${n & 255}` })
  }
  const { currentClients } = (await service.get(status)).json<{ currentClients: { clientId: string }[] }>()
  t.equal(currentClients.length, 1000)
  t.match(currentClients[0], { clientId: '10.0.3.232', requestCount: 2 })
})
