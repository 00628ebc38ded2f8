import { useKey } from './api.js'
import { BoardView } from './board-view.js'
import { Board } from './board.js'
import { byId } from './elements.js'
import { EventsView } from './events-view.js'
import { Follower } from './follower.js'
import { askForKey } from './key-form.js'
import { ServiceState } from './service-state.js'
import { showService } from './service-view.js'
import { Throughput } from './throughput.js'
import { showThroughput } from './throughput-view.js'

const recordsMax = 5000
const drawMs = 250
const askMs = 5000
/** After a change its row is marked for a while: that long the board is drawn though nothing else changes. */
const markedMs = 2500

const board = new Board(recordsMax)
const throughput = new Throughput()
const events = new EventsView()
const state = new ServiceState()
let changedAtMs = 0
let isLetIn = false
let hasGivenKey = false

const onChange = () => {
  changedAtMs = performance.now()
}
const boardView = new BoardView(board, () => boardView.show(performance.now()))

const follower = new Follower(board, {
  state(name, text) {
    const connection = byId('connection')
    connection.dataset.state = name
    if (connection.textContent !== text) connection.textContent = text
  },
  reset() {
    events.clear()
    onChange()
  },
  loaded() {
    isLetIn = true
    onChange()
    void askService()
  },
  events(list, newsCount) {
    events.add(list)
    throughput.add(newsCount, performance.now())
    onChange()
  },
  async key() {
    isLetIn = false
    await askForKey(hasGivenKey)
    hasGivenKey = true
    state.forget()
  }
})

byId('forget-key').addEventListener('click', () => {
  byId('forget-key').hidden = true
  useKey(undefined)
  hasGivenKey = false
  isLetIn = false
  board.clear()
  onChange()
  follower.restart()
})

function draw() {
  const nowMs = performance.now()
  if (document.hidden) return
  showThroughput(throughput, nowMs)
  if (nowMs - changedAtMs > markedMs) return
  boardView.show(nowMs)
  events.show()
}

let isAsking = false

async function askService() {
  if (isAsking || document.hidden) return
  isAsking = true
  try {
    showService(await state.ask(isLetIn))
  } catch {
    showService({})
  } finally {
    isAsking = false
  }
}

document.addEventListener('visibilitychange', () => {
  onChange()
  void askService()
})
setInterval(draw, drawMs)
setInterval(askService, askMs)
void askService()
void follower.run()
