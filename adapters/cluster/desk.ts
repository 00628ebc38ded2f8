import type { FromMember, FromPrimary } from './messages.ts'

/** Answers what a process of the cluster asks; what it throws is told to who asked. */
export type Clerk = (payload: unknown) => unknown

/**
 * What the processes of a cluster have in common, by topic: each clerk keeps something in the primary and answers for all
 * of them. Whatever is to hold for the whole cluster gets a topic of its own here.
 */
export type Topics = Readonly<Record<string, Clerk>>

type Ask = Extract<FromMember, { kind: 'bincard:ask' }>

/** Has the topic's clerk answer; resolves to what is to be sent back. */
export async function answer(topics: Topics, { id, topic, payload }: Ask): Promise<FromPrimary> {
  try {
    const clerk = Object.hasOwn(topics, topic) ? topics[topic] : undefined
    if (clerk === undefined) throw new RangeError(`nobody answers for ${topic}`)
    return { kind: 'bincard:answer', id, payload: await clerk(payload) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'bincard:refusal', id, reason }
  }
}
