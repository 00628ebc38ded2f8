import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest folder from this one upwards that holds a package.json: the same from source and from dist. */
export function packageFolder(from: string): string {
  if (existsSync(join(from, 'package.json')) || dirname(from) === from) return from
  return packageFolder(dirname(from))
}
