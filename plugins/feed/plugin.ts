import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Feed, type FeedOptions } from './feed.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The events of the ledger for those who follow them. */
    readonly feed: Feed
  }
}

/** Decorates `fastify.feed`, whose waits and streams end when the server is to close. */
async function feed(fastify: FastifyInstance, options: FeedOptions): Promise<void> {
  const events = new Feed(options)
  fastify.decorate('feed', events)
  // Before the server waits for its requests to be answered: these would take their time.
  fastify.addHook('preClose', () => events.close())
}

export default fp(feed, { name: 'bincard-feed', fastify: '5.x', dependencies: ['bincard-ledger'] })
