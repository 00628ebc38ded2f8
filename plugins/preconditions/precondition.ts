import type { IncomingHttpHeaders } from 'node:http'

import { parseEntityTags, type EntityTags } from './entity-tags.ts'
import { MalformedPreconditionError, type FailedExpectation } from './errors.ts'
import { versionOfTag } from './version-tags.ts'

/** What the resource must be like for the request to be carried out. An empty list of versions never holds. */
export type Precondition =
  | { readonly kind: 'versions'; readonly versions: readonly number[] }
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }

type Field = 'If-Match' | 'If-None-Match'

/**
 * The precondition of a write: from If-Match, `If-None-Match: *` or the version in its body, where 0 means that
 * there must be none; undefined without any. Throws a MalformedPreconditionError for a value that is not
 * RFC 9110's, for both header fields at once, for a body version that says something else than the header, and
 * for entity tags in If-None-Match, which for a write would mean "any version but these".
 */
export function readPrecondition(
  headers: IncomingHttpHeaders,
  bodyVersion?: number
): Precondition | undefined {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch === undefined && ifNoneMatch === undefined) {
    return bodyVersion === undefined ? undefined : preconditionOfVersion(bodyVersion)
  }
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new MalformedPreconditionError('header', 'If-None-Match', 'cannot be sent together with If-Match')
  }
  const precondition =
    ifMatch === undefined
      ? preconditionOfIfNoneMatch(readField('If-None-Match', ifNoneMatch ?? ''))
      : preconditionOfIfMatch(readField('If-Match', ifMatch))
  if (bodyVersion !== undefined && !isSame(precondition, preconditionOfVersion(bodyVersion))) {
    const field = ifMatch === undefined ? 'If-None-Match' : 'If-Match'
    throw new MalformedPreconditionError('header', field, `differs from version ${bodyVersion} in the body`)
  }
  return precondition
}

/**
 * Whether a reader that sent If-None-Match has this version already: weak comparison, `*` for any
 * (RFC 9110, section 13.1.2). Throws a MalformedPreconditionError.
 */
export function matchesIfNoneMatch(headers: IncomingHttpHeaders, version: number): boolean {
  const value = headers['if-none-match']
  if (value === undefined) return false
  const tags = readField('If-None-Match', value)
  return tags === '*' || tags.some((tag) => tag.opaque === String(version))
}

/** What is wrong with the current version (undefined or 0 for none) under the precondition; undefined if it holds. */
export function failedExpectation(
  precondition: Precondition,
  current: number | undefined
): FailedExpectation | undefined {
  const actual = current ?? 0
  switch (precondition.kind) {
    case 'versions': {
      const { versions } = precondition
      if (actual > 0 && versions.includes(actual)) return undefined
      return { expected: versions.length === 1 ? (versions[0] ?? 0) : versions, actual }
    }
    case 'exists':
      return actual > 0 ? undefined : { expected: '*', actual }
    case 'absent':
      return actual === 0 ? undefined : { expected: 0, actual }
    default:
      return precondition satisfies never
  }
}

function readField(field: Field, value: string): EntityTags {
  try {
    return parseEntityTags(value)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new MalformedPreconditionError('header', field, error.message)
  }
}

function preconditionOfIfMatch(tags: EntityTags): Precondition {
  if (tags === '*') return { kind: 'exists' }
  const versions = new Set<number>()
  for (const tag of tags) {
    const version = versionOfTag(tag)
    if (version !== undefined) versions.add(version)
  }
  return { kind: 'versions', versions: [...versions] }
}

function preconditionOfIfNoneMatch(tags: EntityTags): Precondition {
  if (tags === '*') return { kind: 'absent' }
  throw new MalformedPreconditionError('header', 'If-None-Match', 'only * is understood on a write')
}

function preconditionOfVersion(version: number): Precondition {
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new MalformedPreconditionError('body', 'version', 'must be a whole number of at least 0')
  }
  return version === 0 ? { kind: 'absent' } : { kind: 'versions', versions: [version] }
}

function isSame(one: Precondition, other: Precondition): boolean {
  if (one.kind !== 'versions' || other.kind !== 'versions') return one.kind === other.kind
  return one.versions.length === 1 && one.versions[0] === other.versions[0]
}
