import type { RouteOptions } from 'fastify'

const requirements = ['none', 'caller', 'admin'] as const

/** Whose key a route asks for: nobody's, that of any caller or administrator, or an administrator's. */
export type KeyRequirement = (typeof requirements)[number]

/** What the route asks for: a caller's key where it does not say. Throws a TypeError for what is no requirement. */
export function keyRequirement({ config, url }: RouteOptions): KeyRequirement {
  const { apiKey = 'caller' } = config ?? {}
  if (requirements.includes(apiKey)) return apiKey
  throw new TypeError(`bincard-api-keys: route ${url}: config.apiKey must be ${requirements.join(', ')}`)
}
