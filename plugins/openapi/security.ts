import type { KeyRequirement } from '../api-keys/plugin.ts'
import type { ErrorStatus } from './documentation.ts'

const apiKey = { type: 'apiKey', in: 'header', name: 'X-API-Key' }

/** How callers say who they are, as components of the document. */
export const securitySchemes = {
  ApiKey: {
    ...apiKey,
    description:
      'One of API_KEYS. A service with neither API_KEYS nor ADMIN_API_KEYS takes no notice of keys.'
  },
  AdminApiKey: { ...apiKey, description: 'One of ADMIN_API_KEYS. It opens what ApiKey opens as well.' }
}

interface Security {
  readonly security: readonly object[]
  /** The statuses that are answered where the key does not do. */
  readonly errors: readonly ErrorStatus[]
}

// The empty requirement stands for the service that runs without keys: the document is the same for all.
const securities: Record<KeyRequirement, Security> = {
  none: { security: [], errors: [] },
  caller: { security: [{ ApiKey: [] }, { AdminApiKey: [] }, {}], errors: [401] },
  admin: { security: [{ AdminApiKey: [] }, {}], errors: [401, 403] }
}

/** What the document says of the keys of an operation; none where no plugin asks for keys. */
export function securityOf(requirement: KeyRequirement = 'none'): Security {
  return securities[requirement]
}
