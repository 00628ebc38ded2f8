/**
 * The file-system port: what the write-ahead log asks of a disk, and nothing more.
 *
 * Names stand for the system calls of Linux, with their promises and no others. A write is not durable
 * before `syncData`, a name is not durable before `syncFolder` of the folder it stands in, and nothing is
 * retried behind the caller's back. Every error carries the errno `code` of Node (ENOENT, ENOSPC, EIO...).
 *
 * Implementations: `NodeFileSystem` (the real one), `MemoryFileSystem` (with power cuts) and
 * `FaultyFileSystem` (any of them, failing by plan).
 */
export interface FileSystem {
  /**
   * Makes the folder and the missing ones above it; one that exists is fine.
   * Each new folder is a name in its parent: durable only after `syncFolder` of that parent.
   * Rejects with EEXIST when the path is a file, ENOTDIR when it leads through a file. See mkdir(2).
   */
  makeFolder(path: string): Promise<void>

  /**
   * The names in a folder, files and folders alike, sorted by UTF-16 code unit, without `.` and `..`.
   * Rejects with ENOENT when the folder is missing, ENOTDIR when it is a file. See readdir(3).
   */
  list(folder: string): Promise<string[]>

  /**
   * Opens a file. Rejects with ENOENT when it (or, for 'create', its folder) is missing, EEXIST when 'create'
   * finds the name taken, EISDIR when it is a folder, ENOTDIR when the path leads through a file. See open(2).
   */
  open(path: string, mode: OpenMode): Promise<OpenFile>

  /**
   * Renames a file or folder and replaces what stood at `to`, in one step for every reader. Handles stay open.
   * Durable after `syncFolder` of both folders. Rejects with ENOENT when `from` is gone. See rename(2).
   */
  rename(from: string, to: string): Promise<void>

  /**
   * Takes away the name of a file; handles that are open on it go on working. Durable after `syncFolder`.
   * Rejects with ENOENT when it is gone, EISDIR when it is a folder. See unlink(2).
   */
  remove(path: string): Promise<void>

  /**
   * Makes the names in the folder durable: all that were made, renamed or removed in it before the call.
   * Says nothing of the bytes in its files or of the folder's own name. See fsync(2).
   */
  syncFolder(folder: string): Promise<void>
}

/**
 * 'append': O_RDWR|O_APPEND, must exist. 'create': O_RDWR|O_APPEND|O_CREAT|O_EXCL. 'read': O_RDONLY.
 * 'update': O_RDWR (positional writes; must exist). See open(2).
 */
export type OpenMode = 'append' | 'create' | 'read' | 'update'

/**
 * An open file. Calls may overlap; overlapping calls take effect in any order, each as a whole.
 * REQUIRES: the bytes handed over stay unchanged until the call settles; positions are whole and not negative.
 * After `close` was called every other call fails with EBADF, and so does a call that the mode does not allow.
 */
export interface OpenFile {
  /**
   * One write to the end of the file; modes 'append' and 'create' only. Never retries. On a local disk no
   * other append to the same file, of this or another process, lands in between. See write(2).
   * @returns bytes written, which may be fewer than asked (a short write). Rejects with ENOSPC, EIO...
   */
  append(bytes: Uint8Array): Promise<number>

  /**
   * One write at a position in bytes; mode 'update' only. A gap before it reads as zeros. See pwrite(2).
   * @returns bytes written, which may be fewer than asked.
   */
  writeAt(bytes: Uint8Array, position: number): Promise<number>

  /**
   * One read from a position in bytes. Sees every write that has returned, synced or not. See pread(2).
   * @returns bytes read, which may be fewer than `into` has room for; 0 at the end of the file.
   */
  read(into: Uint8Array, position: number): Promise<number>

  /** The file's length in bytes, now. Synchronous and cheap: called on every read request. See fstat(2). */
  size(): number

  /**
   * Makes durable what was written before the call, by any process and handle, and the length it needs.
   * After a rejection nothing is known of the bytes since the last good sync, and a second try that resolves
   * proves nothing: Linux marks the pages clean that it could not write. See fdatasync(2), section ERRORS of
   * fsync(2), and https://wiki.postgresql.org/wiki/Fsync_Errors.
   */
  syncData(): Promise<void>

  /** Lets the calls under way finish, then lets go of the file. Syncs nothing. See close(2). */
  close(): Promise<void>
}
