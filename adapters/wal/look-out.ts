export interface LookOutOptions {
  readonly intervalMs: number
  /** Whether nobody waits any more for what others write. */
  readonly isOver: () => boolean
  readonly look: () => void
}

/** Looks again and again at what others have written, as long as somebody waits for it. It keeps no process alive. */
export class LookOut {
  readonly #options: LookOutOptions
  #timer: NodeJS.Timeout | undefined

  constructor(options: LookOutOptions) {
    this.#options = options
  }

  begin(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => {
      if (this.#options.isOver()) this.end()
      else this.#options.look()
    }, this.#options.intervalMs)
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
