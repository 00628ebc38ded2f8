import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface ServerCommand {
  /** What is run; node where it is left out. */
  readonly program?: string
  /** Its arguments. */
  readonly arguments: readonly string[]
  /** Variables on top of the few that every program needs; nothing else of this process's is passed on. */
  readonly environment?: Readonly<Record<string, string>>
  /** Where what it says on standard output goes; else it is kept here. */
  readonly outputFile?: string
}

const startLine = /listens on (http:\/\/[^\s,]+)/
const outputKept = 8192

/** A server in a process of its own, which says on standard output where it listens. */
export class ServerProcess {
  /** Where it listens, once it does; rejects with what it printed where it ends before. */
  readonly ready: Promise<string>
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #output = ''

  constructor(command: ServerCommand) {
    const { outputFile } = command
    const file = outputFile === undefined ? undefined : openSync(outputFile, 'a')
    const { PATH = '', HOME = '' } = process.env
    this.#child = spawn(command.program ?? process.execPath, command.arguments, {
      env: { PATH, HOME, ...command.environment },
      stdio: ['ignore', file ?? 'pipe', 'pipe']
    })
    if (file !== undefined) closeSync(file)
    this.#exited = once(this.#child, 'exit')
    this.ready = this.#startLine(outputFile)
    // Who kills it before it is ready does not wait for that.
    this.ready.catch(() => undefined)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it printed last, on both outputs. */
  get output(): string {
    return this.#output
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Sends the signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves to its exit code, or the signal it died of, when it is gone. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.#exited
    return this.#child.signalCode ?? this.#child.exitCode
  }

  /** Sends the signal and resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return
    this.#child.kill(signal)
    await this.#exited
  }

  /** Reads a file until the start line is in it. */
  async #follow(path: string, take: (text: Buffer) => void): Promise<void> {
    while (!startLine.test(this.#output) && !this.hasEnded) {
      await delay(50)
      const text = await readFile(path)
      if (text.length > 0) take(text)
    }
  }

  #startLine(outputFile: string | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        this.#output = (this.#output + chunk.toString()).slice(-outputKept)
        const url = startLine.exec(this.#output)?.[1]
        if (url !== undefined) resolve(url)
      }
      this.#child.stdout?.on('data', take)
      this.#child.stderr?.on('data', take)
      if (outputFile !== undefined) void this.#follow(outputFile, take)
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) =>
        reject(new Error(`the server ended (${signal ?? code}) before it was ready: ${this.#output}`))
      )
    })
  }
}

/** The service on a folder of its own, on ports that the system chooses, quiet, without opening stock or limits. */
export function serviceEnvironment(dataFolder: string): Record<string, string> {
  return {
    ENVIRONMENT: 'production',
    PORT: '0',
    METRICS_PORT: '0',
    DATA_DIR: dataFolder,
    DATA_PATH: '',
    LOG_LEVEL: 'warn',
    // What drives it is one address, and asks for more than one may.
    RATE_LIMIT_ENABLED: 'false'
  }
}
