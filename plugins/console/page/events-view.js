import { byId, element, number, setText, timeOf } from './elements.js'

const eventsMax = 100
const words = {
  adjusted: 'adjusted',
  reserved: 'reserved',
  extended: 'reservation extended',
  released: 'released',
  committed: 'committed',
  expired: 'reservation expired',
  product_created: 'product created',
  product_modified: 'product changed',
  product_deleted: 'product deleted'
}

/** Shows the newest 100 events, the newest first, until somebody holds the list to read it. */
export class EventsView {
  #new = []
  #isHeld = false

  constructor() {
    const button = byId('pause')
    button.addEventListener('click', () => {
      this.#isHeld = !this.#isHeld
      button.setAttribute('aria-pressed', String(this.#isHeld))
      this.show()
    })
  }

  add(events) {
    this.#new = [...this.#new, ...events.slice(-eventsMax)].slice(-eventsMax)
  }

  show() {
    if (this.#isHeld || this.#new.length === 0) return
    const list = byId('events')
    list.prepend(...this.#new.map(itemOf).reverse())
    while (list.children.length > eventsMax) list.lastElementChild.remove()
    this.#new = []
    byId('events-empty').hidden = true
  }

  clear() {
    this.#new = []
    byId('events').replaceChildren()
    byId('events-empty').hidden = false
    setText(byId('events-empty'), 'Nothing yet')
  }
}

function itemOf({ timestamp, storeId, productId, data }) {
  const item = document.createElement('li')
  const when = element('span', { className: 'when', text: timeOf(timestamp) })
  const what = element('span', { className: 'what', text: productId })
  const where = element('span', {
    className: 'where',
    text: ` ${data.storeId ?? storeId}, ${words[data.type] ?? data.type}`
  })
  what.append(where)
  item.append(when, what, element('span', { className: 'amount', text: amountOf(data) }))
  return item
}

/** What the event did, and what is available since. */
function amountOf({ delta, units, qty }) {
  const change = delta === 0 ? (units ?? 0) : delta
  const sign = delta > 0 ? '+' : delta < 0 ? '\u2212' : ''
  return `${sign}${number(Math.abs(change))} \u2192 ${number(qty)}`
}
