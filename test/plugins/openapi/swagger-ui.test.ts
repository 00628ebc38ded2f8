import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { openPage, skip } from '../../browser/chromium.ts'

interface Opened {
  readonly page: Page
  readonly ledger: MemoryLedger
  /** Errors of the page, and what it asked other servers for. */
  readonly complaints: readonly string[]
}

/** Swagger UI of a service that has 100 units of SKU123, in a browser. */
async function openDocumentation(t: Test, environment: Record<string, string>): Promise<Opened> {
  const ledger = new MemoryLedger()
  const configuration = loadConfiguration(environment)
  const server = await buildServer(configuration, { ledger })
  t.teardown(() => server.close())
  await server.listen({ port: 0 })
  const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  await server.inject({
    method: 'POST',
    url: '/api/inventory/stores/STORE001/inventory/SKU123/adjust',
    headers: { 'x-api-key': configuration.apiKeys[0] ?? 'none' },
    payload: { delta: 100 }
  })

  const page = await openPage(t)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(request.url())
  })
  await page.goto(`${origin}/documentation`)
  return { page, ledger, complaints }
}

/** Tries the adjustment out as it is suggested, and gives the answer that is shown. */
async function tryAdjustment(page: Page): Promise<{ status: string; body: string }> {
  const operation = page.locator('#operations-stock-adjustStock')
  const execute = operation.getByRole('button', { name: 'Execute' })
  if (!(await execute.isVisible())) {
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
  }
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await execute.click()
  const status = String((await answered).status())
  const answer = operation.locator('.live-responses-table .response').first()
  await answer.locator('.response-col_status', { hasText: status }).waitFor()
  return { status, body: await answer.locator('.response-col_description').innerText() }
}

t.test('in Swagger UI, an adjustment can be tried out as it is suggested', { skip }, async (t) => {
  const { page, ledger, complaints } = await openDocumentation(t, {})
  const { status, body } = await tryAdjustment(page)
  t.equal(status, '200')
  t.match(body, /"newQuantity": 98/)
  t.strictSame(complaints, [], 'the page has nothing to complain about and asks no other server for anything')
  t.match(await ledger.get('STORE001', 'SKU123', Date.now()), { qty: 98, version: 2 })
})

/** Gives the page a key by its Authorize, or takes the one that it has been given from it. */
async function authorize(page: Page, scheme: string, key: string | undefined): Promise<void> {
  await page.locator('.auth-wrapper button.authorize').click()
  const form = page
    .locator('.dialog-ux .auth-container')
    .filter({ has: page.locator('h4 code', { hasText: new RegExp(`^${scheme}$`) }) })
  if (key === undefined) {
    await form.getByRole('button', { name: 'Remove authorization' }).click()
  } else {
    await form.locator('input').fill(key)
    await form.getByRole('button', { name: 'Apply credentials' }).click()
  }
  await form.getByRole('button', { name: 'Close' }).click()
}

t.test("where keys are needed, its Authorize takes a shop's or an administrator's", { skip }, async (t) => {
  const { page } = await openDocumentation(t, {
    API_KEYS: 'key-of-a-shop',
    ADMIN_API_KEYS: 'key-of-an-administrator'
  })
  t.equal((await tryAdjustment(page)).status, '401')
  await authorize(page, 'ApiKey', 'key-of-a-shop')
  t.match(await tryAdjustment(page), { status: '200', body: /"newQuantity": 98/ })
  await authorize(page, 'ApiKey', undefined)
  t.equal((await tryAdjustment(page)).status, '401')
  await authorize(page, 'AdminApiKey', 'key-of-an-administrator')
  t.match(await tryAdjustment(page), { status: '200', body: /"newQuantity": 96/ })
})
