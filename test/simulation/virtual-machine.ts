import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import perfHooks from 'node:perf_hooks'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtual-time.ts'

type Patch = readonly [object: object, name: string, value: unknown]

const uuidBytes = 16

/**
 * Puts the time and the chance of the simulation in the place of the machine's, for all that runs in this process, until
 * the result is called: timers, clocks, random numbers, and the measurement of the event loop, which has no load here.
 */
export function installMachine(time: VirtualTime, chance: Chance): () => void {
  const chanceNow = (): Chance => time.owner?.chance ?? chance
  const undo = [
    ...timerPatches(time),
    ...randomPatches(chanceNow),
    [Date, 'now', () => time.ownNow()] as const,
    [performance, 'now', () => time.steadyNow()] as const,
    [performance, 'eventLoopUtilization', () => ({ idle: 0, active: 0, utilization: 0 })] as const,
    [perfHooks, 'monitorEventLoopDelay', () => idleLoop] as const
  ].map(apply)
  syncBuiltinESMExports()
  return () => {
    for (const take of undo.reverse()) take()
    syncBuiltinESMExports()
  }
}

const idleLoop = {
  mean: 0,
  enable: () => true,
  disable: () => true,
  reset: () => undefined
}

function timerPatches(time: VirtualTime): Patch[] {
  type Callback = (...values: unknown[]) => void
  const real = { timeout: globalThis.clearTimeout, immediate: globalThis.clearImmediate }
  const setTimeout = (call: Callback, delayMs = 0, ...values: unknown[]) =>
    time.schedule(() => call(...values), atLeastOne(delayMs))
  const setInterval = (call: Callback, delayMs = 0, ...values: unknown[]) =>
    time.schedule(() => call(...values), atLeastOne(delayMs), {
      isRepeated: true,
      isAwaited: false
    })
  const setImmediate = (call: Callback, ...values: unknown[]) => time.schedule(() => call(...values), 0)
  // What was begun before, or by the runner of the tests, has a timer of the machine.
  const clear = (other: (timer: never) => void) => (timer: unknown) => {
    if (isVirtual(timer)) timer.close()
    else if (timer !== undefined) other(timer as never)
  }
  const wait = async (delayMs = 0, value?: unknown): Promise<unknown> => {
    await time.wait(atLeastOne(delayMs))
    return value
  }
  const patched = {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear(real.timeout),
    clearInterval: clear(real.timeout),
    clearImmediate: clear(real.immediate)
  }
  return [
    ...Object.entries(patched).flatMap(([name, value]): Patch[] => [
      [globalThis, name, value],
      [timers, name, value]
    ]),
    [promises, 'setTimeout', wait],
    [promises, 'setImmediate', async (value?: unknown) => (await time.wait(0), value)]
  ]
}

function randomPatches(chance: () => Chance): Patch[] {
  const bytes = (count: number): Buffer => {
    const filled = Buffer.alloc(count)
    chance().fill(filled)
    return filled
  }
  const uuid = (): string => {
    const text = bytes(uuidBytes).toString('hex')
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`
  }
  const fill = (into: Uint8Array): Uint8Array => {
    chance().fill(into)
    return into
  }
  return [
    [Math, 'random', () => chance().random()],
    [crypto, 'randomUUID', uuid],
    [crypto, 'randomBytes', bytes],
    [globalThis.crypto, 'getRandomValues', fill],
    [globalThis.crypto, 'randomUUID', uuid]
  ]
}

function apply([object, name, value]: Patch): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)
  Object.defineProperty(object, name, { value, configurable: true, writable: true, enumerable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, name)
    else Object.defineProperty(object, name, before)
  }
}

function isVirtual(timer: unknown): timer is { close(): unknown } {
  return typeof timer === 'object' && timer !== null && 'entry' in timer && 'close' in timer
}

/** As Node does it: a delay that is none is one of a millisecond. */
function atLeastOne(delayMs: number): number {
  return delayMs >= 1 ? delayMs : 1
}
