import { byId, counted, element, number, setText, timeOf } from './elements.js'

const moods = { healthy: 'good', degraded: 'warn', closed: 'good', 'half-open': 'warn', open: 'bad' }

/** Shows what is known of the service; nothing is known where it cannot be reached. */
export function showService({ health, readiness, resilience, counters, sync }) {
  const status = readiness?.ready === false ? 'not ready' : health?.status
  setText(byId('service-status'), status ?? 'not known')
  byId('service-status').dataset.mood = status === 'not ready' ? 'bad' : (moods[status] ?? '')
  showFacts('service-facts', health === undefined ? [] : serviceFacts(health, sync))
  showBreakers(readiness?.breakers ?? resilience?.breakers)
  showFacts('queues', queueFacts(health, resilience))
  showFacts('counters', counters === undefined ? [] : counterFacts(counters))
}

function serviceFacts({ ledger, sync: worker, uptime }, sync) {
  const { lag } = sync ?? worker
  return [
    [
      'Ledger',
      ledger.status === 'open' ? 'takes writes' : ledger.status.replace('_', ' '),
      ledger.status !== 'open'
    ],
    ['Newest event', number(ledger.sequence)],
    ['Sync worker', worker.status, worker.status === 'failed'],
    ['Sync lag', lagText(lag, sync?.lagMs)],
    ...(sync?.lastRunAt === undefined ? [] : [['Last sync pass', timeOf(sync.lastRunAt)]]),
    ['Dead letters', number(worker.deadLetters), worker.deadLetters > 0],
    ['Up for', durationText(uptime)]
  ]
}

function queueFacts(health, resilience) {
  const writes = health === undefined ? [] : [['Writes waiting', number(health.ledger.queueDepth)]]
  if (resilience === undefined) return writes
  const { requests, bulkheads } = resilience
  const bounded = [['Requests', requests], ...Object.entries(bulkheads)]
  return [
    ...writes,
    ...bounded.map(([name, bulkhead]) => [name, bulkheadText(bulkhead), bulkhead.queued > 0])
  ]
}

function bulkheadText({ active, limit, queued }) {
  return `${number(active)} of ${number(limit)}, ${number(queued)} waiting`
}

function counterFacts({ requests, errors, conflicts, idempotentHits, rateLimited, shed }) {
  return [
    ['Requests', number(requests)],
    ['Refusals and errors', number(errors)],
    ['Version conflicts', number(conflicts)],
    ['Answers given again', number(idempotentHits)],
    ['Turned away', number(rateLimited + shed)]
  ]
}

function lagText(lag, lagMs = 0) {
  if (lag === 0) return 'none'
  return lagMs === 0 ? counted(lag, 'event') : `${counted(lag, 'event')}, ${durationText(lagMs / 1000)}`
}

function durationText(seconds) {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute']
  ]
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 'second']
  return counted(Math.floor(seconds / size), name)
}

/** Each fact is what it is about, its value, and whether somebody should look into it. */
function showFacts(id, facts) {
  const shown = facts.length > 0 ? facts : [['not known', '']]
  const parts = shown.flatMap(([name, value, isBad = false]) => {
    const definition = element('dd', { text: value })
    if (isBad) definition.dataset.mood = 'warn'
    return [element('dt', { text: name }), definition]
  })
  replaceIfOther(byId(id), parts)
}

function showBreakers(breakers) {
  const items = Object.entries(breakers ?? {}).map(([name, { state }]) => {
    const item = element('li', { text: `${name}: ${state}` })
    item.dataset.mood = moods[state] ?? ''
    return item
  })
  replaceIfOther(byId('breakers'), items.length > 0 ? items : [element('li', { text: 'not known' })])
}

/** A text that somebody selects is not taken from under them while it stays the same. */
function replaceIfOther(target, parts) {
  const isSame =
    parts.length === target.children.length &&
    parts.every((part, index) => part.isEqualNode(target.children[index]))
  if (!isSame) target.replaceChildren(...parts)
}
