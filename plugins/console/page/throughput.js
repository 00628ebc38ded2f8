const seconds = 120
const width = 480
const height = 96

/** How many events came in each of the last two minutes' seconds. */
export class Throughput {
  #counts = new Array(seconds).fill(0)
  #second = 0

  /** Times are in milliseconds, of a clock that never goes back. */
  add(count, nowMs) {
    this.#moveTo(nowMs)
    this.#counts[this.#second % seconds] += count
  }

  /** The counts of the seconds that are over, the oldest first. */
  series(nowMs) {
    this.#moveTo(nowMs)
    return Array.from(
      { length: seconds - 1 },
      (_, index) => this.#counts[(this.#second + 1 + index) % seconds]
    )
  }

  #moveTo(nowMs) {
    const second = Math.floor(nowMs / 1000)
    for (let passed = Math.max(this.#second + 1, second - seconds + 1); passed <= second; passed++) {
      this.#counts[passed % seconds] = 0
    }
    this.#second = Math.max(this.#second, second)
  }
}

/** The least of 1, 2 and 5 times a power of ten that is not below the value, and at least 5. */
export function roundUp(value) {
  if (value <= 5) return 5
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value)
}

/** The counts as an outline for an SVG of 480 by 96, up to the highest value. */
export function outline(counts, highest) {
  const step = width / counts.length
  const points = counts.map((count, index) => {
    const y = (height - (count / highest) * height).toFixed(1)
    return `L${(index * step).toFixed(1)} ${y}H${((index + 1) * step).toFixed(1)}`
  })
  return `M0 ${height}${points.join('')}L${width} ${height}Z`
}
