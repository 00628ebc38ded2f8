import { byId, number, setText } from './elements.js'
import { outline, roundUp } from './throughput.js'

/** Draws the last two minutes; the text says the same for who does not see it. */
export function showThroughput(throughput, nowMs) {
  const counts = throughput.series(nowMs)
  const peak = Math.max(...counts)
  const highest = roundUp(peak)
  const last = counts.at(-1)
  byId('plot-outline').setAttribute('d', outline(counts, highest))
  byId('plot').setAttribute(
    'aria-label',
    `Events a second in the last two minutes: ${number(last)} now, ${number(peak)} at most`
  )
  setText(byId('plot-highest'), `full height: ${number(highest)} a second`)
  setText(byId('throughput-now'), `${number(last)} a second, ${number(peak)} at most`)
}
