import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')

/** An application of somebody who has installed Bincard. */
export class Application {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async make(examples: Readonly<Record<string, string>>): Promise<Application> {
    const folder = await mkdtemp(join(tmpdir(), 'bincard-application-'))
    const installed = join(folder, 'node_modules', 'bincard')
    await mkdir(installed, { recursive: true })
    await symlink(join(root, 'dist'), join(installed, 'dist'))
    for (const name of ['fastify', '@types']) {
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
    await copyFile(join(root, 'package.json'), join(installed, 'package.json'))
    await writeJson(join(folder, 'package.json'), { type: 'module' })
    await writeJson(join(folder, 'tsconfig.json'), {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { outDir: 'built', rootDir: '.', declaration: false },
      include: ['*.ts']
    })
    for (const [name, text] of Object.entries(examples)) {
      const shown = text.replace('port: 3000', 'port: 0')
      const told = 'console.log(JSON.stringify(fastify.addresses()[0]))'
      await writeFile(join(folder, `${name}.ts`), `${shown}\n${told}\n`)
    }
    return new Application(folder)
  }

  /** What the compiler has to say about the examples; nothing where they are right. They can run after it. */
  compile(): Promise<string> {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    return new Promise((resolve) => {
      execFile(process.execPath, [compiler, '-p', this.#folder], (error, printed) => {
        resolve(error === null ? printed : printed || error.message)
      })
    })
  }

  /** Runs an example while `use` asks it, and gives `use` its address. */
  async run(name: string, use: (url: string) => Promise<void>): Promise<void> {
    const child = spawn(process.execPath, [join(this.#folder, 'built', `${name}.js`)], {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const exited = once(child, 'exit')
    try {
      await use(await urlSaidBy(child.stdout))
    } finally {
      child.kill('SIGKILL')
      await exited
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value))
}

async function urlSaidBy(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    if (!line.startsWith('{"address"')) continue
    const { address, family, port } = JSON.parse(line) as { address: string; family: string; port: number }
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }
  throw new Error('the example ended before it listened')
}
