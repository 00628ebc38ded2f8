import { readFile } from 'node:fs/promises'
import t from 'tap'
import { generatedTypes, typesPath } from './generated-types.ts'
import { callHealth, callMetrics } from './health-calls.ts'
import { callMistyped } from './mistyped-calls.ts'
import { callFeed, callProducts, callUpdates } from './central-calls.ts'
import { connectClient, documentedOperations } from './service-client.ts'
import { callMovements, callStock } from './stock-calls.ts'
import { callCentralModel, callSync } from './sync-calls.ts'

const calls = [
  callHealth,
  callStock,
  callMovements,
  callProducts,
  callUpdates,
  callFeed,
  callCentralModel,
  callSync,
  callMetrics,
  callMistyped
]

t.test('the committed types are those of the committed document', async (t) => {
  t.equal(await readFile(typesPath, 'utf8'), await generatedTypes(), 'run `npm run openapi` and commit')
})

t.test('a generated client calls every operation of the document', async (t) => {
  const { client, ledger, succeeded } = await connectClient(t)
  for (const call of calls) {
    await t.test(call.name, (t) => call(t, client, ledger))
  }
  t.strictSame([...succeeded].sort(), (await documentedOperations()).sort())
})
