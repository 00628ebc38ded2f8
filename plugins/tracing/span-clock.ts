import type { HrTime } from '@opentelemetry/api'

/** Past this the system's clock has been set, or has drifted from the steady one since the process began. */
const driftMaxMs = 5

/** The instant at which `performance.now()` was 0, as the system's clock has it now. */
let originMs = performance.timeOrigin

/**
 * An instant of `performance.now()` for a span. All spans of a request take theirs from here: the system's clock alone
 * counts whole milliseconds, so that a step of a request could seem to begin before it.
 */
export function spanTime(clockMs: number): HrTime {
  return epochTime(originMs + clockMs)
}

/** Now, for a span that nothing is known to have happened before. */
export function beginningTime(): HrTime {
  const clockMs = performance.now()
  const systemMs = Date.now()
  if (Math.abs(systemMs - originMs - clockMs) > driftMaxMs) originMs = systemMs - clockMs
  return spanTime(clockMs)
}

/** Milliseconds since the epoch for a span. */
export function epochTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000)
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)]
}
