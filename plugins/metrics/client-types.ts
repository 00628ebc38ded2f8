import { BlockList, isIP } from 'node:net'
import { LRUCache } from 'lru-cache'

/** Where a client is: on this machine, in a private network, or anywhere else. */
export const clientTypes = ['external', 'internal', 'localhost'] as const
export type ClientType = (typeof clientTypes)[number]

const rememberedAddresses = 10_000
/** The longest text of an address, and of the name of a link behind it. */
const addressLengthMax = 64

const localhost = new BlockList()
localhost.addSubnet('127.0.0.0', 8, 'ipv4')
localhost.addAddress('::1', 'ipv6')

const internal = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16]
] as const) {
  internal.addSubnet(network, prefix, 'ipv4')
}
internal.addSubnet('fc00::', 7, 'ipv6')
internal.addSubnet('fe80::', 10, 'ipv6')

/** Gives the type of the client that has an address; one without an address comes by a Unix socket of this machine. */
export function clientTyping(): (address: string | undefined) => ClientType {
  // To look an address up in lists of networks costs more than to count the request.
  const types = new LRUCache<string, ClientType>({ max: rememberedAddresses })
  return (address) => {
    if (address === undefined || address === '') return 'localhost'
    const known = types.get(address)
    if (known !== undefined) return known
    // What a proxy says of an address may be any text of any length.
    if (address.length > addressLengthMax) return 'external'
    const type = typeOf(address)
    types.set(address, type)
    return type
  }
}

function typeOf(address: string): ClientType {
  const [bare = ''] = address.split('%', 1)
  const version = isIP(bare)
  if (version === 0) return 'external'
  // A list of IPv4 networks knows its addresses in IPv6's clothes too.
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (localhost.check(bare, family)) return 'localhost'
  return internal.check(bare, family) ? 'internal' : 'external'
}
