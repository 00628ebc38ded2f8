import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../configuration/package-folder.ts'
import type { OpenapiOptions } from './plugin.ts'

export { default } from './plugin.ts'

export function autoConfig(): OpenapiOptions {
  const text = readFileSync(join(packageFolder(import.meta.dirname), 'package.json'), 'utf8')
  return { version: (JSON.parse(text) as { version: string }).version }
}
