import { request } from './api.js'
import { EventSourceParser } from './event-source-parser.js'

/** The service says every few seconds that it is alive: after this long without a word the connection is dead. */
const silenceMsMax = 60_000

/**
 * Follows the feed from an offset until the connection ends, and resolves then. The browser's own EventSource would do,
 * but sends no header, and so no key. Throws what `request` throws.
 */
export async function follow(offset, { onOpen, onEvents, signal }) {
  const stop = new AbortController()
  const stopAlso = () => stop.abort()
  signal.addEventListener('abort', stopAlso)
  const silence = watch(silenceMsMax, stopAlso)
  try {
    const response = await request(`v1/inventory/events?offset=${offset}`, {
      headers: { accept: 'text/event-stream' },
      signal: stop.signal
    })
    onOpen()
    await readAll(response.body.getReader(), onEvents, silence)
  } finally {
    silence.end()
    signal.removeEventListener('abort', stopAlso)
    stop.abort()
  }
}

async function readAll(reader, onEvents, silence) {
  const decoder = new TextDecoder()
  const parser = new EventSourceParser()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    silence.restart()
    const events = parser.take(decoder.decode(value, { stream: true })).map(({ data }) => JSON.parse(data))
    if (events.length > 0) onEvents(events)
  }
}

function watch(ms, onSilence) {
  let timer = setTimeout(onSilence, ms)
  return {
    restart() {
      clearTimeout(timer)
      timer = setTimeout(onSilence, ms)
    },
    end() {
      clearTimeout(timer)
    }
  }
}
