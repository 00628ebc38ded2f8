import { createHash } from 'node:crypto'
import { ImportFailure } from './failures.ts'
import type { Identity } from './journal-lines.ts'
import type { ImportOptions } from './options.ts'

/** How many hex digits of a hash go into a key. */
const KEY_DIGITS = 16

/**
 * The beginning of the keys that are made here: as given, or of the name, or of the content's hash. `restartedAtMs`
 * makes the keys of an import anew differ from those of the one before.
 */
export function keyPrefixOf(
  options: ImportOptions,
  contentHash: string | undefined,
  restartedAtMs: number | undefined
): string {
  if (options.keyPrefix !== undefined) return options.keyPrefix
  const parts = [
    options.name ?? contentHash ?? '',
    ...(restartedAtMs === undefined ? [] : [String(restartedAtMs)])
  ]
  return `imp-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, KEY_DIGITS)}`
}

/** What must be the same for a second run to go on with the first one's journal. */
export function identityOf(options: ImportOptions, contentHash: string | undefined): Identity {
  const { mapping } = options
  const columnOf = (column: string | undefined): string | null => column ?? null
  return {
    'the content of the input': contentHash ?? null,
    '--url':
      options.urls.length === 0
        ? null
        : options.urls
            .map(({ href }) => href)
            .sort()
            .join(' '),
    '--format': options.format,
    '--store': 'column' in mapping.store ? mapping.store.column : null,
    '--store-value': 'value' in mapping.store ? mapping.store.value : null,
    '--sku': mapping.sku,
    '--quantity': 'column' in mapping.quantity ? mapping.quantity.column : null,
    '--quantity-value': 'value' in mapping.quantity ? String(mapping.quantity.value) : null,
    '--kind': columnOf(mapping.kind),
    '--kinds': mapping.kind === undefined ? null : JSON.stringify(Object.entries(mapping.kinds).sort()),
    '--document': columnOf(mapping.document),
    '--reason': columnOf(mapping.reason),
    '--key': columnOf(mapping.key),
    '--key-prefix': options.keyPrefix ?? null,
    '--name': options.name ?? null,
    '--group-by': columnOf(mapping.group)
  }
}

/** Throws an ImportFailure that names what differs, when the journal is of another import. */
export function checkSameImport(path: string, earlier: Identity, now: Identity): void {
  const differing = [...new Set([...Object.keys(earlier), ...Object.keys(now)])].filter(
    (name) => (earlier[name] ?? null) !== (now[name] ?? null)
  )
  if (differing.length === 0) return
  const differences = differing.map((name) =>
    name.startsWith('--')
      ? `${name} was ${JSON.stringify(earlier[name] ?? null)} and is ${JSON.stringify(now[name] ?? null)}`
      : `${name} is another`
  )
  throw new ImportFailure(
    `the journal ${path} is of another import: ${differences.join(', ')}; ` +
      'name another file with --journal, or forget this one with --restart'
  )
}
