import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no file system can be mounted here; false where it can. */
export function noMounting(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  const disk = MountedDisk.tryMemory('64k')
  disk?.remove()
  return disk === undefined && 'nothing may be mounted here'
}

/** Why no disk can lose its power here; false where it can. */
export function noPowerCuts(): string | false {
  const why = noMounting()
  if (why !== false) return why
  if (spawnSync('perl', ['-e', '1']).status !== 0) return 'needs perl, for ioctl'
  const disk = MountedDisk.tryImage(8)
  disk?.remove()
  return disk === undefined && 'needs mkfs.ext4 and loop devices'
}

/** EXT4_IOC_SHUTDOWN of the Linux kernel, and its flag for a file system that stops without writing its journal. */
const shutdown = `my $flag = pack("L", 2);
  open(my $root, "<", $ARGV[0]) or die $!;
  ioctl($root, 0x8004587d, $flag) or die $!`

/** A file system of its own, on memory or on an image that a loop device shows as a disk. */
export class MountedDisk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bincard-disk-'))
  readonly #kind: 'memory' | 'image'

  private constructor(kind: 'memory' | 'image') {
    this.#kind = kind
    mkdirSync(this.path)
  }

  /** In memory, so large that it is soon full: `256k`. */
  static memory(size: string): MountedDisk {
    return required(MountedDisk.tryMemory(size))
  }

  static tryMemory(size: string): MountedDisk | undefined {
    const disk = new MountedDisk('memory')
    if (succeeds('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk.path])) return disk
    rmSync(disk.#folder, { recursive: true })
    return undefined
  }

  /** ext4 on an image of so many MiB: what is not synced is only in memory. */
  static image(mebibytes: number): MountedDisk {
    return required(MountedDisk.tryImage(mebibytes))
  }

  static tryImage(mebibytes: number): MountedDisk | undefined {
    const disk = new MountedDisk('image')
    writeFileSync(disk.#image, '')
    truncateSync(disk.#image, mebibytes * 1024 * 1024)
    // A commit of the journal every minute: in between nothing is on the disk but what was synced.
    if (succeeds('mkfs.ext4', ['-q', disk.#image]) && disk.#mountImage()) return disk
    rmSync(disk.#folder, { recursive: true })
    return undefined
  }

  /** Where it is mounted. */
  get path(): string {
    return join(this.#folder, 'mounted')
  }

  get #image(): string {
    return join(this.#folder, 'image')
  }

  grow(size: string): void {
    run('mount', ['-o', `remount,size=${size}`, this.path])
  }

  /** From now on every call fails, and what was not synced is gone. */
  cutPower(): void {
    run('perl', ['-e', shutdown, this.path])
  }

  /** As after a start of the machine. REQUIRES: no process uses it. */
  restorePower(): void {
    run('umount', [this.path])
    if (!this.#mountImage()) throw new Error('the image cannot be mounted again')
  }

  remove(): void {
    run('umount', this.#kind === 'image' ? [this.path] : ['-l', this.path])
    rmSync(this.#folder, { recursive: true })
  }

  #mountImage(): boolean {
    return succeeds('mount', ['-o', 'loop,commit=60', this.#image, this.path])
  }
}

function required(disk: MountedDisk | undefined): MountedDisk {
  if (disk === undefined) throw new Error('the disk cannot be mounted')
  return disk
}

function succeeds(program: string, given: readonly string[]): boolean {
  return spawnSync(program, given).status === 0
}

function run(program: string, given: readonly string[]): void {
  const { status, stderr } = spawnSync(program, given, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${given.join(' ')}: ${stderr}`)
}
