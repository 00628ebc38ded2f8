import { byId, counted, element, number, setText, timeOf } from './elements.js'

const rowsMax = 200
const changedMs = 1500
const columns = ['store', 'sku', 'number available', 'number', 'number wide quiet', 'number wide quiet']

/** Shows what is sought of the board, at most 200 rows; a row stays the same element as long as it is shown. */
export class BoardView {
  #board
  #rows = new Map()
  #storeIds = ''

  constructor(board, onAsked) {
    this.#board = board
    const search = byId('search')
    search.addEventListener('input', onAsked)
    byId('store').addEventListener('change', onAsked)
    byId('order').addEventListener('change', onAsked)
    byId('filters').addEventListener('submit', (event) => event.preventDefault())
    document.addEventListener('keydown', (event) => this.#onKey(event, search, onAsked))
  }

  show(nowMs) {
    this.#showStores()
    const { records, total } = this.#board.find({
      text: byId('search').value,
      storeId: byId('store').value,
      order: byId('order').value,
      max: rowsMax
    })
    const rows = new Map(records.map((record) => [record.key, this.#row(record, nowMs)]))
    const shown = [...rows.values()].map(({ row }) => row)
    const body = byId('records')
    if (shown.length !== body.children.length || shown.some((row, index) => row !== body.children[index])) {
      body.replaceChildren(...shown)
    }
    this.#rows = rows
    byId('board-empty').hidden = total > 0
    setText(byId('board-empty'), this.#board.size === 0 ? 'No stock yet' : 'Nothing fits the search')
    setText(byId('board-count'), this.#countText(records.length, total))
  }

  #countText(shown, total) {
    const found = shown < total ? `${number(shown)} of ${counted(total, 'record')}` : counted(total, 'record')
    return this.#board.isPartial
      ? `${found}; not all fit here, ${number(this.#board.size)} are searched`
      : found
  }

  #row(record, nowMs) {
    const known = this.#rows.get(record.key) ?? newRow()
    const { row, cells } = known
    if (known.offset !== record.offset) {
      const { storeId, sku, qty, reserved, version, updatedAt } = record
      const texts = [storeId, sku, number(qty), number(reserved), number(version), timeOf(updatedAt)]
      texts.forEach((text, index) => setText(cells[index], text))
      cells[2].classList.toggle('none', qty === 0)
      if (record.isChanged && known.offset !== undefined) known.changedAt = nowMs
      known.offset = record.offset
    }
    row.classList.toggle('changed', nowMs - known.changedAt < changedMs)
    return known
  }

  #showStores() {
    const { storeIds } = this.#board
    const key = JSON.stringify(storeIds)
    if (key === this.#storeIds) return
    this.#storeIds = key
    const select = byId('store')
    const chosen = select.value
    const options = storeIds.map((storeId) => {
      const option = element('option', { text: storeId })
      option.value = storeId
      return option
    })
    select.replaceChildren(select.options[0], ...options)
    select.value = storeIds.includes(chosen) ? chosen : ''
  }

  #onKey(event, search, onAsked) {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      search.focus()
      search.select()
    } else if (event.key === 'Escape' && event.target === search) {
      event.preventDefault()
      search.value = ''
      onAsked()
    }
  }
}

function newRow() {
  const row = document.createElement('tr')
  const cells = columns.map((className) => element('td', { className }))
  // The SKU tells rows apart: readers that read a row aloud say it first.
  const heading = element('th', { className: 'sku' })
  heading.scope = 'row'
  cells[1] = heading
  row.append(...cells)
  return { row, cells, offset: undefined, changedAt: -Infinity }
}
