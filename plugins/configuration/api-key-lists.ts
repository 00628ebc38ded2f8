import { ConfigurationError } from './configuration-error.ts'
import { Variables } from './variables.ts'

const wellFormed = /^[!-+\--~]{1,256}$/

/**
 * The keys of the two variables, which have commas between them. Throws a ConfigurationError, which shows no key, for
 * one that is no key and for one that is in both: who is given it as a caller's would be an administrator.
 */
export function apiKeyLists(
  callers: string | undefined,
  administrators: string | undefined
): { readonly apiKeys: readonly string[]; readonly adminApiKeys: readonly string[] } {
  const apiKeys = keysOf('API_KEYS', callers)
  const adminApiKeys = keysOf('ADMIN_API_KEYS', administrators)
  if (adminApiKeys.some((key) => apiKeys.includes(key))) {
    throw new ConfigurationError('ADMIN_API_KEYS', 'a list with a key that API_KEYS has too', allowed)
  }
  return { apiKeys, adminApiKeys }
}

const allowed = String(Variables.properties.API_KEYS['x-allowed'])

function keysOf(variable: string, text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const keys = text.split(',').map((key) => key.trim())
  const wrong = keys.findIndex((key) => !wellFormed.test(key))
  if (wrong === -1) return [...new Set(keys)]
  throw new ConfigurationError(
    variable,
    `a list whose key number ${wrong + 1} of ${keys.length} is none`,
    allowed
  )
}
