import { MemoryLedger } from '../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../plugins/configuration/configuration.ts'
import { buildServer } from '../server.ts'

export interface DocumentTexts {
  readonly json: string
  readonly yaml: string
}

/** The OpenAPI document as a running service serves it, as the texts that are committed beside this file. */
export async function servedDocument(): Promise<DocumentTexts> {
  const server = await buildServer(loadConfiguration({ LEDGER_URL: 'memory:' }), {
    ledger: new MemoryLedger()
  })
  try {
    const json = await server.inject('/documentation/json')
    const yaml = await server.inject('/documentation/yaml')
    return { json: `${JSON.stringify(json.json(), null, 2)}\n`, yaml: yaml.body }
  } finally {
    await server.close()
  }
}
