import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { answer, type Topics } from './desk.ts'
import { Gathering, type Gathered } from './gathering.ts'
import { memberVariable } from './member.ts'
import { fromMember, type FromPrimary } from './messages.ts'
import { Supervisor, type MemberEvents, type MemberProcess, type Place } from './supervisor.ts'
import type { SupervisorLog } from './supervisor.ts'

export interface PrimaryOptions {
  /** The program that each process runs, with no arguments. */
  readonly program: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly serverCount: number
  /** Whether one process more keeps the central model. */
  readonly hasSync: boolean
  /** What the processes are set up by, but their role and their port. */
  readonly environment: NodeJS.ProcessEnv
  /** What the processes have in common. */
  readonly topics: Topics
  readonly log: SupervisorLog
  /** Told once, when the cluster has begun and cannot go on: why. It has to be ended then. */
  readonly onLost: (reason: string) => void
}

export interface Primary {
  /** Where all the servers listen. */
  readonly address: AddressInfo
  /** What each process has counted, by the number of the process. */
  gather(): Promise<ReadonlyMap<number, unknown>>
  /** Ends the servers, then the sync worker; false where some server did not end in `serversMs` and was killed. */
  end(serversMs: number): Promise<boolean>
  /** Ends all processes at once. */
  kill(): void
}

/**
 * Starts server processes on one port and keeps them running. Resolves when all of them listen; rejects with an Error that
 * says why where they cannot, and has ended them then.
 */
export async function startPrimary(options: PrimaryOptions): Promise<Primary> {
  // The port stays the same when all servers have died, and who cannot listen is told once, before anything is started.
  const address = await freeAddress(options.host, options.port)
  // Each server takes connections from the system itself. Where the primary hands them out, one that is on its way to a
  // process that dies is neither served nor closed, and its client waits for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ exec: options.program, args: [] })
  let giveUp: (reason: string) => void = options.onLost
  const timer = (delayMs: number, callback: () => void): (() => void) => {
    const timeout = setTimeout(callback, delayMs)
    return () => clearTimeout(timeout)
  }
  const gathering = new Gathering({ present, timer, patienceMs: GATHERING_MS })
  const supervisor = new Supervisor({
    places: placesOf(options),
    start: (place, events) => startMember(place, events, { ...options, port: address.port }, gathering),
    timer,
    log: options.log,
    onGivenUp: (reason) => giveUp(reason)
  })
  const failed = new Promise<never>((_resolve, reject) => {
    giveUp = (reason) => reject(new Error(reason))
  })
  try {
    await Promise.race([supervisor.begin(), failed])
  } catch (error) {
    supervisor.kill()
    throw error
  }
  giveUp = options.onLost
  return {
    address,
    gather: () => gathering.gather(),
    end: (serversMs) => supervisor.end(serversMs),
    kill: () => supervisor.kill()
  }
}

/** A process whose event loop stands still that long is left out of what is gathered. */
const GATHERING_MS = 1000

function* present(): Generator<Gathered> {
  for (const worker of Object.values(cluster.workers ?? {})) {
    if (worker?.isConnected() !== true) continue
    yield { name: worker.id, ask: (id) => tell(worker, { kind: 'bincard:gather', id }) }
  }
}

function placesOf({ serverCount, hasSync }: PrimaryOptions): Place[] {
  const servers = Array.from({ length: serverCount }, (_, index): Place => ({
    name: `server process ${index + 1}`,
    kind: 'server'
  }))
  return hasSync ? [...servers, { name: 'the sync worker', kind: 'sync' }] : servers
}

function startMember(
  { kind }: Place,
  events: MemberEvents,
  { environment, port, serverCount, topics }: PrimaryOptions,
  gathering: Gathering
): MemberProcess {
  const worker = cluster.fork({
    ...environment,
    PORT: String(port),
    ROLE: kind === 'server' ? 'api' : 'worker',
    [memberVariable]: `${kind}/${serverCount}`
  })
  worker.on('message', (received: unknown) => {
    const message = fromMember(received)
    if (message === undefined) return
    if (message.kind === 'bincard:ready') events.ready()
    else if (message.kind === 'bincard:gathered') gathering.take(worker.id, message.id, message.payload)
    else if (message.kind === 'bincard:failed') events.failed(message.reason)
    else void answer(topics, message).then((told) => tell(worker, told))
  })
  // What cannot be sent to a process that dies is of no use to it; that it dies is told by its exit.
  worker.on('error', () => undefined)
  worker.once('exit', (code: number, signal: string | null) => {
    gathering.forget(worker.id)
    events.ended(signal === null ? `exit code ${code}` : `signal ${signal}`)
  })
  return {
    processId: worker.process.pid,
    askToEnd: () => tell(worker, { kind: 'bincard:shutdown' }),
    kill: () => worker.process.kill('SIGKILL')
  }
}

function tell(worker: Worker, message: FromPrimary): void {
  if (worker.isConnected()) worker.send(message, () => undefined)
}

/** The address with its port, or with one that nobody has; rejects where it is taken. */
async function freeAddress(host: string, port: number): Promise<AddressInfo> {
  const probe = createServer().listen({ host, port, exclusive: true })
  await once(probe, 'listening')
  const address = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return address
}
