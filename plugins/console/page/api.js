/** The service behind this page. The API key is held here and nowhere else: it goes with the page. */
const base = new URL('../', document.baseURI)
const retryMsDefault = 5000
let apiKey

/** An answer that is not a success. */
export class Refused extends Error {
  constructor(status, retryAfterMs, details) {
    super(`status ${status}`)
    this.status = status
    this.retryAfterMs = retryAfterMs
    this.details = details
  }
}

/** From now on requests are sent with this key; with none where it is left out. */
export function useKey(given) {
  apiKey = given
}

/**
 * Asks the service for what is at a path relative to it, and gives the response. Throws Refused for an answer outside
 * 200 to 299 that is not among the expected statuses, and a TypeError where the service is not reached.
 */
export async function request(path, { headers = {}, signal, expected = [] } = {}) {
  const key = apiKey === undefined ? {} : { 'x-api-key': apiKey }
  const response = await fetch(new URL(path, base), {
    headers: { accept: 'application/json', ...headers, ...key },
    cache: 'no-store',
    signal
  })
  if (response.ok || expected.includes(response.status)) return response
  throw new Refused(response.status, retryAfterMs(response), await detailsOf(response))
}

/** The same for an answer in JSON. */
export async function read(path, options) {
  return (await request(path, options)).json()
}

function retryAfterMs(response) {
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : retryMsDefault
}

async function detailsOf(response) {
  try {
    return (await response.json()).error?.details ?? {}
  } catch {
    return {}
  }
}
