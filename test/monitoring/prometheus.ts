import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = 'prometheus'
const listening = /msg="Listening on" address=(\S+)/

/** Why a test has to be skipped: the program cannot be started. False where it can. */
export function whyMissing(name: string): string | false {
  return spawnSync(name, ['--version']).status === 0 ? false : `there is no ${name} on the PATH`
}

/** One series of an answer: its labels and its value now. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

/** A Prometheus of its own in a folder that has its configuration, on a port that the system chooses. */
export class Prometheus {
  readonly #child: ChildProcess
  readonly #url: string

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.#url = url
  }

  /** Rejects with what it printed where it ends before it listens. */
  static async start(folder: string): Promise<Prometheus> {
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'series')}`,
        '--web.listen-address=127.0.0.1:0'
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] }
    )
    let output = ''
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
        const found = listening.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('error', reject)
      child.once('close', () => reject(new Error(`${program} ended: ${output}`)))
    })
    return new Prometheus(child, `http://${address}`)
  }

  /** The answer to a query; throws with Prometheus' own words where it refuses it. */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = await this.get<{ result: Sample[] }>('query', { query: expression })
    return result
  }

  /** What its interface says under a name. */
  async get<Data>(name: string, parameters: Readonly<Record<string, string>> = {}): Promise<Data> {
    const response = await fetch(`${this.#url}/api/v1/${name}?${new URLSearchParams(parameters).toString()}`)
    // It serves nothing else before it has read what it keeps.
    if (response.status === 503) throw new PrometheusStarting()
    const body = (await response.json()) as { status: string; data: Data; error?: string }
    if (body.status !== 'success') throw new Error(`${name} ${JSON.stringify(parameters)}: ${body.error}`)
    return body.data
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** It listens and does not answer yet. */
export class PrometheusStarting extends Error {}
