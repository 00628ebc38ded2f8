import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineProgram, serverProgram } from '../processes/programs.ts'
import { ServerProcess } from '../processes/server-process.ts'
import type { Identities } from './identities.ts'

const documentedUrl = 'http://127.0.0.1:3000'
const documentedMetrics = 'http://127.0.0.1:9080/metrics'
const metricsPlace = /metrics at (http:\/\/[^\s,]+)/
const documentedFolder = '/srv/bincard'
const start = /^(?:npm ci && )?((?:[A-Z_]+=\S+ +)*)npm start$/

// The commands are those of the document; only where they come from is the test's: the command line as it is built here,
// and curl without the progress that it shows where its output is no terminal.
const surroundings = `exec 2>&1
npx() { shift; '${process.execPath}' '${commandLineProgram}' "$@"; }
curl() { command curl --silent --show-error "$@"; }
`

/** Types what a document says, in an empty folder that stands for the one of its reader. */
export class DocumentRun {
  readonly #folder: string
  readonly #identities: Identities
  #server: ServerProcess | undefined
  #url = documentedUrl
  #metrics = documentedMetrics

  private constructor(folder: string, identities: Identities) {
    this.#folder = folder
    this.#identities = identities
  }

  static async begin(identities: Identities): Promise<DocumentRun> {
    return new DocumentRun(await mkdtemp(join(tmpdir(), 'bincard-documents-')), identities)
  }

  /**
   * What the commands print, with the documented address and folder in the place of the real ones. `npm start` as the
   * last of them stops the service that runs and starts another, with the variables before it.
   */
  async type(commands: string): Promise<string> {
    const lines = commands.split('\n')
    const started = start.exec(lines.at(-1) ?? '')
    const typed = started === null ? lines : lines.slice(0, -1)
    const printed = typed.length === 0 ? '' : await this.#shell(typed.join('\n'))
    if (started === null) return this.#asDocumented(printed)
    return this.#asDocumented(printed + (await this.#start(started[1] ?? '')))
  }

  async end(): Promise<void> {
    await this.#server?.end('SIGKILL')
    await rm(this.#folder, { recursive: true })
  }

  #shell(commands: string): Promise<string> {
    const script = this.#identities
      .asActual(commands)
      .replaceAll(documentedUrl, this.#url)
      .replaceAll(documentedMetrics, this.#metrics)
    const { PATH, HOME } = process.env
    return new Promise((resolve, reject) => {
      const options = { cwd: this.#folder, env: { PATH, HOME }, maxBuffer: 2 ** 24 }
      // An exit code other than 0 is what some examples show; what counts is what was printed.
      execFile('sh', ['-c', surroundings + script], options, (error, printed) => {
        if (error === null || typeof error.code === 'number') resolve(printed)
        else reject(new Error(`the commands could not be run: ${error.message}`))
      })
    })
  }

  async #start(variables: string): Promise<string> {
    await this.#server?.end('SIGTERM')
    const given = Object.fromEntries(
      variables
        .split(' ')
        .filter(Boolean)
        .map((variable) => variable.split('=', 2) as [string, string])
    )
    const server = new ServerProcess({
      arguments: [serverProgram],
      environment: {
        LOG_LEVEL: 'warn',
        ...given,
        PORT: '0',
        METRICS_PORT: '0',
        DATA_DIR: join(this.#folder, given['DATA_DIR'] ?? './data')
      }
    })
    this.#server = server
    this.#url = await server.ready.catch(() => documentedUrl)
    this.#metrics = metricsPlace.exec(server.output)?.[1] ?? documentedMetrics
    return server.output
  }

  #asDocumented(text: string): string {
    return text
      .replaceAll(this.#url, documentedUrl)
      .replaceAll(this.#metrics, documentedMetrics)
      .replaceAll(`ledger in ${this.#folder}/`, 'ledger in ./')
      .replaceAll(this.#folder, documentedFolder)
  }
}
