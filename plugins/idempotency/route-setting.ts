import type { RouteOptions } from 'fastify'

/**
 * `remembered`: the plugin keeps answers in its store. `transactional`: it reads and checks the header, and the
 * handler gives the identity to a store that writes the answer in the same step as the effect.
 */
export type IdempotencyMode = 'remembered' | 'transactional'

export interface RouteSetting {
  readonly mode: IdempotencyMode
  /** The operation's name, the same under every path that it has; otherwise path and query make the difference. */
  readonly operation?: string
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

/** The route's setting, undefined without one. Throws a TypeError for one that makes no sense. */
export function routeSetting({ config, method, url }: RouteOptions): RouteSetting | undefined {
  const given = config?.idempotency
  if (given === undefined) return undefined
  const setting = typeof given === 'string' ? { mode: given } : given
  if (setting.mode !== 'remembered' && setting.mode !== 'transactional') {
    throw new TypeError(`bincard-idempotency: route ${url}: the mode must be remembered or transactional`)
  }
  for (const name of Array.isArray(method) ? method : [method]) {
    if (safeMethods.has(name)) {
      throw new TypeError(`bincard-idempotency: route ${url}: ${name} is safe and takes no key`)
    }
  }
  return setting
}
