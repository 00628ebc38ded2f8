import { read, Refused, request } from './api.js'

/** What can be asked about the service: the path, and whether an answer other than 200 says something all the same. */
const sources = {
  health: { path: 'api/health' },
  readiness: { path: 'api/health/readiness', expected: [503] },
  resilience: { path: 'api/health/metrics' },
  counters: { path: 'api/metrics', needsKey: true },
  sync: { path: 'api/sync/status', needsKey: true }
}

/** How the service says that it is; what it does not tell, or not to this key, is not asked for again. */
export class ServiceState {
  #untold = new Set()

  /** There is another key, and maybe another service: everything is asked for again. */
  forget() {
    this.#untold.clear()
  }

  /**
   * Asks for everything that the service tells; what stays unknown is left out. With `mayNeedKey` false only for what
   * needs no key. Rejects where the service cannot be reached.
   */
  async ask(mayNeedKey) {
    const names = Object.keys(sources).filter(
      (name) => !this.#untold.has(name) && (mayNeedKey || !sources[name].needsKey)
    )
    const answers = await Promise.all(names.map((name) => this.#askOne(name)))
    return Object.fromEntries(names.map((name, index) => [name, answers[index]]))
  }

  async #askOne(name) {
    const { path, expected } = sources[name]
    try {
      const { data, ...rest } = expected ? await (await request(path, { expected })).json() : await read(path)
      return data ?? rest
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if ([401, 403, 404].includes(error.status)) this.#untold.add(name)
      return undefined
    }
  }
}
