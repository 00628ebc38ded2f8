/** What has a limit of its own. */
export const limitedApis = ['store', 'central', 'administration'] as const
export type LimitedApi = (typeof limitedApis)[number]

const unlimited = /^\/(?:(?:api\/)?health|documentation|console)(?:\/|$)/
const administration = /^\/v1\/admin(?:[/?]|$)/
const central = /^\/v1(?:[/?]|$)/

/** Whose limit a route counts against; none for health, the documentation and the console, which must answer always. */
export function limitedApiOfRoute(path: string): LimitedApi | undefined {
  return unlimited.test(path) ? undefined : limitedApiOfUnknown(path)
}

/** Whose limit a request counts against that no route answers: a flood of those is a flood. */
export function limitedApiOfUnknown(url: string): LimitedApi {
  if (administration.test(url)) return 'administration'
  return central.test(url) ? 'central' : 'store'
}
