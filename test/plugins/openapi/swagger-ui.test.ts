import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser } from 'playwright-core'
import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'

const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** A browser of this machine: the one that CHROMIUM_PATH names, else Chromium or Chrome. */
function browserPath(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH
  const folders = PATH.split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const executablePath = browserPath()
const skip =
  executablePath === undefined && 'no Chromium here: set CHROMIUM_PATH or install it to run this test'

t.test('in Swagger UI, an adjustment can be tried out as it is suggested', { skip }, async (t) => {
  const ledger = new MemoryLedger()
  const server = await buildServer(loadConfiguration({}), { ledger })
  t.teardown(() => server.close())
  await server.listen({ port: 0 })
  const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  await server.inject({
    method: 'POST',
    url: '/api/inventory/stores/STORE001/inventory/SKU123/adjust',
    payload: { delta: 100 }
  })

  const browser: Browser = await chromium.launch({ executablePath: executablePath ?? '', args: switches })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const complaints: string[] = []
  const foreign: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) foreign.push(request.url())
  })

  await page.goto(`${origin}/documentation`)
  const operation = page.locator('#operations-stock-adjustStock')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  const answer = operation.locator('.live-responses-table .response').first()
  await answer.waitFor()
  t.match(await answer.locator('.response-col_status').innerText(), /^200/)
  t.match(await answer.locator('.response-col_description').innerText(), /"newQuantity": 98/)
  t.strictSame(complaints, [], 'the page has nothing to complain about')
  t.strictSame(foreign, [], 'and asks no other server for anything')
  t.match(await ledger.get('STORE001', 'SKU123', Date.now()), { qty: 98, version: 2 })
})
