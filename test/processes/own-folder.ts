import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A new folder that is gone with the test; who writes to it is to be ended by a teardown of its own, set up later. */
export function ownFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'bincard-'))
  // One that was killed a moment ago may still be writing its last.
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
