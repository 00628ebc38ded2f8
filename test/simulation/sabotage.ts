import type { FeedPage } from '../../plugins/schemas/feed.ts'
import type { FileSystem, OpenFile } from '../../adapters/file-system/file-system.ts'
import type { StockRecord } from '../../plugins/schemas/stock.ts'
import type { Disguise } from './disk.ts'
import type { Ask } from './network.ts'
import type { Message, Reply } from './messages.ts'

/** A disk that says that everything is synced, at once, and has synced no byte of a file. */
export const lyingDisk: Disguise = (disk) => {
  const lying = (file: OpenFile): OpenFile => ({
    append: (bytes) => file.append(bytes),
    writeAt: (bytes, position) => file.writeAt(bytes, position),
    read: (into, position) => file.read(into, position),
    size: () => file.size(),
    syncData: () => Promise.resolve(),
    close: () => file.close()
  })
  const lyingSystem: FileSystem = {
    makeFolder: (path) => disk.makeFolder(path),
    list: (folder) => disk.list(folder),
    open: async (path, mode) => lying(await disk.open(path, mode)),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncFolder: (folder) => disk.syncFolder(folder)
  }
  return lyingSystem
}

/** The service does not look at the version that a caller expects. */
export const ignoredVersions = (ask: Ask): Ask => {
  return (server, message) => {
    const { 'if-match': _ignored, ...headers } = message.headers
    const body = message.body?.replace(/,?"expectedVersion":\d+/g, '').replace('{,', '{')
    return ask(server, { ...message, headers, ...(body !== undefined && { body }) })
  }
}

/** The feed leaves out an event now and then. */
export const skippedEvents = (): ((ask: Ask) => Ask) => {
  let pages = 0
  return (ask) => async (server, message) => {
    const reply = await ask(server, message)
    if (!isFeed(message) || reply.status !== 200) return reply
    const page = JSON.parse(reply.body) as FeedPage
    pages += 1
    if (pages % 5 !== 0 || page.events.length < 2) return reply
    return {
      ...reply,
      body: JSON.stringify({ ...page, events: page.events.filter((_event, index) => index !== 1) })
    }
  }
}

/** Reads come out of a cache that nobody clears. */
export const staleReads = (): ((ask: Ask) => Ask) => {
  const cache = new Map<string, Reply>()
  return (ask) => async (server, message) => {
    const known = cache.get(message.url)
    if (known !== undefined) return known
    const reply = await ask(server, message)
    if (message.method === 'GET' && reply.status === 200 && isRecord(reply.body))
      cache.set(message.url, reply)
    return reply
  }
}

/** More is promised than there is: a refusal is answered as if it had been carried out. */
export const falsePromises = (ask: Ask): Ask => {
  return async (server, message) => {
    const reply = await ask(server, message)
    if (reply.status !== 422 || !message.url.endsWith('/adjust')) return reply
    return {
      ...reply,
      status: 200,
      body: '{"success":true,"newQuantity":0,"newVersion":1,"record":{"reserved":0}}'
    }
  }
}

function isFeed({ url }: Message): boolean {
  return url.startsWith('/v1/inventory/events')
}

function isRecord(body: string): boolean {
  return (JSON.parse(body) as Partial<StockRecord>).version !== undefined
}
