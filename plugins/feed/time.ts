/** The time that waits are measured by, and its timers. */
export interface Time {
  /** Milliseconds on a clock that nobody sets and that only goes forward. */
  readonly now: () => number
  /** Calls back when the present piece of work is done, what it has put off until then too. */
  readonly soon: (call: () => void) => void
  /** Calls back once, after so many milliseconds or, for 0, when other work had its turn; not if the result is called before. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /** Calls back every so many milliseconds until the result is called. */
  readonly every: (milliseconds: number, call: () => void) => () => void
}

/** The time of the process. Its timers keep the process alive, as whoever waits for them wants an answer. */
export const processTime: Time = {
  now: () => performance.now(),
  soon: (call) => process.nextTick(call),
  after: (milliseconds, call) => {
    if (milliseconds <= 0) {
      const immediate = setImmediate(call)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(call, Math.ceil(milliseconds))
    return () => clearTimeout(timer)
  },
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds)
    return () => clearInterval(timer)
  }
}
