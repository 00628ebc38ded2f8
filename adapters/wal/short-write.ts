/** A write that the file took only a part of. What of it can be read is decided by whoever opens the file next. */
export class ShortWriteError extends Error {
  override readonly name = 'ShortWriteError'
}
