import fc from 'fast-check'

interface Reports {
  comment(text: string): void
  pass(name: string): boolean
  fail(name: string, details: object): boolean
}

/**
 * Asserts that the property holds on random input and prints the seed used. A failure's report names the
 * seed and the path of the counterexample, which `PROPERTY_SEED` and `PROPERTY_PATH` bring back.
 */
export function holds<T>(t: Reports, name: string, property: fc.IProperty<T>, runs = 300): void {
  const details = fc.check(property, parameters(t, name, runs))
  if (details.failed) t.fail(name, { counterexample: fc.defaultReportMessage(details) })
  else t.pass(name)
}

/** As `holds`, of a property that awaits something. */
export async function holdsAsynchronously<T>(
  t: Reports,
  name: string,
  property: fc.IAsyncProperty<T>,
  runs = 300
): Promise<void> {
  const details = await fc.check(property, parameters(t, name, runs))
  if (details.failed) t.fail(name, { counterexample: await fc.asyncDefaultReportMessage(details) })
  else t.pass(name)
}

function parameters(t: Reports, name: string, runs: number) {
  const { PROPERTY_SEED, PROPERTY_PATH } = process.env
  const seed = PROPERTY_SEED === undefined ? Date.now() | 0 : Number(PROPERTY_SEED)
  const path = PROPERTY_PATH === undefined ? {} : { path: PROPERTY_PATH }
  t.comment(`${name}: fast-check seed ${seed}`)
  return { seed, numRuns: runs, ...path }
}
