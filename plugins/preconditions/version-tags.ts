import type { EntityTag } from './entity-tags.ts'

const canonicalVersion = /^[1-9][0-9]{0,15}$/

/** The strong entity tag of a version, quoted. */
export function versionTag(version: number): string {
  return `"${version}"`
}

/**
 * The version that a tag stands for under strong comparison (RFC 9110, section 8.8.3.2): none for a weak tag
 * and for one that no version is ever printed as, like `"007"`, `"0"` or a number that is not a safe integer.
 */
export function versionOfTag(tag: EntityTag): number | undefined {
  if (tag.weak || !canonicalVersion.test(tag.opaque)) return undefined
  const version = Number(tag.opaque)
  return Number.isSafeInteger(version) ? version : undefined
}
