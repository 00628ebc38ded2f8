import { setTimeout as delay } from 'node:timers/promises'
import type { Fetch } from './api-client.ts'

/** Comes again, after the seconds it was told, to a server that sheds load, as one does that stood still for a while. */
export const returningFetch: Fetch = async (url, init) => {
  for (;;) {
    const response = await fetch(url, init)
    if (response.status !== 503) return response
    const body = await response.clone().text()
    if (!body.includes('LOAD_SHEDDING_ERROR')) return response
    await delay(Number(response.headers.get('retry-after')) * 1000)
  }
}
