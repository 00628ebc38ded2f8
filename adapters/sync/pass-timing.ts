import type { PassReport, PassStep, TimedPass } from '../../domain/synchronization.ts'

/** Does a step of a pass. */
export type DoStep = <Value>(step: PassStep, work: () => Promise<Value>) => Promise<Value>

const untimed: DoStep = (_step, work) => work()

/** Makes a pass, and tells of it and its steps where somebody wants to know, of one that failed too. */
export async function timed(
  tell: ((pass: TimedPass) => void) | undefined,
  pass: (doStep: DoStep) => Promise<PassReport>
): Promise<PassReport> {
  if (tell === undefined) return await pass(untimed)
  const startedAt = Date.now()
  const begin = performance.now()
  const passed = (): number => performance.now() - begin
  const steps: TimedPass['steps'][number][] = []
  let report: PassReport | undefined
  try {
    report = await pass(async (step, work) => {
      const from = passed()
      try {
        return await work()
      } finally {
        steps.push({ step, from, to: passed() })
      }
    })
    return report
  } finally {
    tell({ startedAt, durationMs: passed(), steps, ...(report !== undefined && { report }) })
  }
}
