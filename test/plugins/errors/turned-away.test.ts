import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { LedgerError } from '../../../domain/ledger.ts'
import errors from '../../../plugins/errors/plugin.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly untold?: number
  readonly err: { readonly code: string }
}

async function application(t: Test) {
  const lines: LogLine[] = []
  const time = { now: 1_800_000_000_000 }
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) }
  const fastify = Fastify({ logger: { level: 'warn', stream } })
  t.teardown(() => fastify.close())
  await fastify.register(errors, { now: () => time.now })
  fastify.get<{ Params: { code: LedgerError['code'] } }>('/:code', async ({ params }) => {
    throw new LedgerError(params.code, 'it is so')
  })
  const ask = async (code: LedgerError['code'], times: number): Promise<number[]> => {
    const answers = await Promise.all(Array.from({ length: times }, () => fastify.inject(`/${code}`)))
    return [...new Set(answers.map(({ statusCode }) => statusCode))]
  }
  const said = () =>
    lines.splice(0).map(({ level, msg, untold, err }) => ({ level, msg, untold, code: err.code }))
  return { time, ask, said }
}

t.test('a thousand who are turned away have a line a second, for each reason', async (t) => {
  const { time, ask, said } = await application(t)
  const line = (code: string, untold?: number) => ({ level: 40, msg: 'turned away', untold, code })
  t.strictSame(await ask('read_only', 1000), [503])
  t.strictSame(said(), [line('read_only')])
  t.strictSame(await ask('queue_full', 3), [503])
  t.strictSame(said(), [line('queue_full')], 'another reason is told at once')
  time.now += 999
  await ask('read_only', 1)
  t.strictSame(said(), [])
  time.now += 1
  await ask('read_only', 2)
  t.strictSame(said(), [line('read_only', 1000)], 'with those of whom nothing was said')
  time.now -= 3_600_000
  await ask('read_only', 2)
  t.strictSame(said(), [line('read_only', 1)], 'whatever the clock does')
})

t.test('what failed has a line each time', async (t) => {
  const { ask, said } = await application(t)
  t.strictSame(await ask('damaged', 3), [500])
  t.strictSame(
    said(),
    Array.from({ length: 3 }, () => ({
      level: 50,
      msg: 'request failed',
      untold: undefined,
      code: 'damaged'
    }))
  )
})
