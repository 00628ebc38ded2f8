/**
 * The whole milliseconds that have passed since it was first asked, by a clock that may be set: one that is set back stands still
 * for that moment, so that nobody waits for it to come to where it was.
 */
export function steadyClock(clock: () => number): () => number {
  let last: number | undefined
  let passedMs = 0
  return () => {
    const now = clock()
    if (last !== undefined && now > last) passedMs += now - last
    last = now
    return Math.floor(passedMs)
  }
}
