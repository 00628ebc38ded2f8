/** However busy the machine is: the delay of the event loop turns nothing away. */
export const unpressed = { eventLoopDelayMaxMs: Infinity, busyLoopDelayMaxMs: Infinity }
