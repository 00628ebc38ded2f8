import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import root, { type Test } from 'tap'

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

/** Why tests in a browser are skipped here; false where they are not. */
export const skip =
  executablePath === undefined && 'no Chromium here: set CHROMIUM_PATH or install it to run this test'

// To start one takes longer than most of what is tried in it.
let browser: Promise<Browser> | undefined
root.teardown(async () => await (await browser)?.close())

/** A page of a headless browser, with cookies and storage of its own, which is gone with the test. */
export async function openPage(t: Test, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executablePath ?? '', args: switches })
  const context = await (await browser).newContext(options)
  t.teardown(() => context.close())
  return await context.newPage()
}
