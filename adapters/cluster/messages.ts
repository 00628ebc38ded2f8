/** What a process of the cluster says to the primary. */
export type FromMember =
  | { readonly kind: 'bincard:ask'; readonly id: number; readonly topic: string; readonly payload: unknown }
  | { readonly kind: 'bincard:ready' }
  /** What it was asked for in a gathering. */
  | { readonly kind: 'bincard:gathered'; readonly id: number; readonly payload: unknown }
  /** It cannot begin its work, and ends. */
  | { readonly kind: 'bincard:failed'; readonly reason: string }

/** What the primary says to a process of the cluster. */
export type FromPrimary =
  | { readonly kind: 'bincard:answer'; readonly id: number; readonly payload: unknown }
  | { readonly kind: 'bincard:refusal'; readonly id: number; readonly reason: string }
  | { readonly kind: 'bincard:gather'; readonly id: number }
  | { readonly kind: 'bincard:shutdown' }

/** The message if it is one of ours: other libraries may speak over the same channel. */
export function fromMember(message: unknown): FromMember | undefined {
  const { kind, id, topic, reason } = (message ?? {}) as Record<string, unknown>
  if (kind === 'bincard:ready') return message as FromMember
  if (kind === 'bincard:ask' && typeof id === 'number' && typeof topic === 'string')
    return message as FromMember
  if (kind === 'bincard:gathered' && typeof id === 'number') return message as FromMember
  if (kind === 'bincard:failed' && typeof reason === 'string') return message as FromMember
  return undefined
}

/** The same for the other direction. */
export function fromPrimary(message: unknown): FromPrimary | undefined {
  const { kind, id, reason } = (message ?? {}) as Record<string, unknown>
  if (kind === 'bincard:shutdown') return message as FromPrimary
  if (kind === 'bincard:gather' && typeof id === 'number') return message as FromPrimary
  if (kind === 'bincard:answer' && typeof id === 'number') return message as FromPrimary
  if (kind === 'bincard:refusal' && typeof id === 'number' && typeof reason === 'string')
    return message as FromPrimary
  return undefined
}
