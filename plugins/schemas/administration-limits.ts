import { Type, type Static } from '@sinclair/typebox'
import { Instant } from './values.ts'

const closed = { additionalProperties: false }

/** How many clients are listed at most. */
export const listedClientsMax = 1000

const LimitedClient = Type.Object(
  {
    clientId: Type.String({
      description:
        'The IPv4 address, or the IPv6 network of 64 bits, that requests come from; `global` where the limit counts all ' +
        'of them together; `unknown` for those without an address; `shared-` and a number for those that share a count, ' +
        'as more addresses come than the service counts apart.',
      examples: ['203.0.113.7', '2001:db8:7:1::/64', 'global']
    }),
    requestCount: Type.Integer({ minimum: 1, description: 'Its requests that count now.' }),
    windowStart: Instant('When the oldest of them came'),
    isBlocked: Type.Boolean({ description: 'Whether its next request is refused.' })
  },
  closed
)

export const RateLimitStatus = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Whether requests are limited.' }),
    type: Type.Unsafe<'ip' | 'global' | 'both'>({
      type: 'string',
      enum: ['ip', 'global', 'both'],
      description:
        'Whom the limits count: each address, all of them together, or both, whichever is reached first.'
    }),
    requestsPerMinute: Type.Integer({ description: 'To `/v1/inventory`, on average over the window.' }),
    adminRequestsPerMinute: Type.Integer({ description: 'To `/v1/admin`, on average over the window.' }),
    currentClients: Type.Array(LimitedClient, {
      maxItems: listedClientsMax,
      description: `Whose requests to \`/v1/inventory\` count now, the busiest first, at most ${listedClientsMax}.`
    })
  },
  { $id: 'RateLimitStatus', description: 'The limits and whom they count.', ...closed }
)

export type RateLimitStatus = Static<typeof RateLimitStatus>
