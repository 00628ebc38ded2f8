import { isIP } from 'node:net'
import { normalizeIP } from '@fastify/rate-limit'
import { LRUCache } from 'lru-cache'

const ipv6Subnet = 64
const ipv6Site = 48
/** The longest text of an address, and of the name of a link behind it. */
const addressLengthMax = 64
const rememberedAddresses = 10_000

/** What counts for whoever has no address: who comes by a Unix socket, or a proxy that is believed says no address. */
const unknown = 'unknown'

/**
 * Gives the client that an address belongs to: an IPv4 address itself, in IPv6's clothes too, and of an IPv6 address the
 * network of 64 bits, as no customer has less (RFC 6177) and may change the rest for each request.
 */
export function clientNames(): (address: string | undefined) => string {
  // To take an IPv6 address apart costs more than all the rest of a limit.
  const names = new LRUCache<string, string>({ max: rememberedAddresses })
  return (address) => {
    if (address === undefined || address.length > addressLengthMax) return unknown
    const version = isIP(address)
    if (version === 4) return address
    if (version === 0) return unknown
    const known = names.get(address)
    if (known !== undefined) return known
    const normalized = normalizeIP(address, ipv6Subnet)
    const name = isIP(normalized) === 4 ? normalized : `${normalized}/${ipv6Subnet}`
    names.set(address, name)
    return name
  }
}

/**
 * The site that a client is part of: of an IPv6 network the first 48 bits, which one customer commonly holds, with 65,536
 * networks; every other client is a site of its own.
 */
export function siteOf(client: string): string {
  // What is left out of a network's address is always its end, as nothing there is longer than its 64 zero bits.
  const end = client.indexOf('::')
  if (end === -1) return client
  const [first = '', second = '0', third = '0'] = client.slice(0, end).split(':')
  return `${first === '' ? '0' : first}:${second}:${third}::/${ipv6Site}`
}
