/**
 * Who watches over the service has to see it most when it is overloaded. Followers of the feed wait, which is no work; how
 * many of them there may be is bounded by itself.
 */
const neverShed = /^\/(?:(?:api\/)?health|api\/metrics|documentation|console|v1\/inventory\/events)(?:\/|$)/

/** Whether a route is answered however much there is to do. */
export function isNeverShed(path: string): boolean {
  return neverShed.test(path)
}
