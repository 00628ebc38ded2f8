// What tap does in each process for which nobody here asks, and which took a third of the time. JavaScript, because
// threads load this too, before they understand anything else.
import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import processOnSpawn from 'process-on-spawn'

// Every process that a test starts, and each that this one starts in turn, would load what records its files for the
// coverage, with a thread and signal handlers of its own: half as much again as the start of the service.
if (process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '0') processOnSpawn.removeAllListeners()

// Every promise would be followed to its end, to name the test in which an error was thrown that nobody caught. Such an
// error fails the file all the same, with its stack.
asyncHooks.createHook = () => ({ enable: () => undefined, disable: () => undefined })
syncBuiltinESMExports()
