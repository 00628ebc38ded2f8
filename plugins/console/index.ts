import { join } from 'node:path'
import { packageFolder } from '../configuration/package-folder.ts'
import type { ConsoleOptions } from './plugin.ts'

export { default } from './plugin.ts'

/** The files are taken from the package: the compiler copies none. */
export function autoConfig(): ConsoleOptions {
  return { folder: join(packageFolder(import.meta.dirname), 'plugins', 'console', 'page') }
}
