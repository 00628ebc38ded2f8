import t from 'tap'
import { answer, type Topics } from '../../../adapters/cluster/desk.ts'
import { ClusterMember, memberVariable } from '../../../adapters/cluster/member.ts'
import { fromMember } from '../../../adapters/cluster/messages.ts'

/** A member whose messages go through JSON to a desk with these topics, and back. */
function connected(topics: Topics) {
  const sent: string[] = []
  let listen: (message: unknown) => void = () => undefined
  const member = new ClusterMember('server', 3, {
    send: (message, done) => {
      sent.push(message.kind)
      const received = fromMember(JSON.parse(JSON.stringify(message)))
      if (received?.kind === 'bincard:ask') {
        void answer(topics, received).then((told) => listen(JSON.parse(JSON.stringify(told))))
      }
      done()
    },
    onMessage: (listener) => (listen = listener)
  })
  return { member, sent, receive: (message: unknown) => listen(message) }
}

t.test('questions get their own answers, in whatever order they come', async (t) => {
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const { member } = connected({
    slow: async (payload) => {
      await released
      return { slow: payload }
    },
    quick: (payload) => ({ quick: payload }),
    broken: () => {
      throw new Error('out of order')
    }
  })
  const slow = member.ask('slow', 1)
  t.strictSame(await member.ask('quick', [2]), { quick: [2] })
  release()
  t.strictSame(await slow, { slow: 1 })
  await t.rejects(member.ask('broken', 3), { message: 'out of order' })
  await t.rejects(member.ask('unknown', 4), { message: 'nobody answers for unknown' })
  await t.rejects(member.ask('toString', 5), { message: 'nobody answers for toString' })
})

t.test('what others say on the channel is left alone', async (t) => {
  const { receive } = connected({})
  for (const message of [undefined, null, 1, 'x', {}, { kind: 'other' }, { kind: 'bincard:answer' }])
    receive(message)
  for (const message of [undefined, { type: 'prom-client:getMetricsReq' }, { kind: 'bincard:ask', id: 1 }]) {
    t.equal(fromMember(message), undefined)
  }
})

t.test('a process is told to end, though it may not listen yet', async (t) => {
  const { member, receive, sent } = connected({})
  receive({ kind: 'bincard:shutdown' })
  let asked = 0
  member.onShutdown(() => (asked += 1))
  t.equal(asked, 1)
  member.ready()
  await member.fail('no disk')
  t.strictSame(sent, ['bincard:ready', 'bincard:failed'])
})

t.test('a process is a member only where a primary says so', async (t) => {
  for (const variables of [{}, { [memberVariable]: 'x' }, { [memberVariable]: 'server/x' }]) {
    t.equal(ClusterMember.ofProcess(variables), undefined)
  }
})
