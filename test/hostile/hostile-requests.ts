import fc, { type Arbitrary } from 'fast-check'
import { ResponseValidation } from '../openapi/response-validation.ts'
import { ownDocument } from './document.ts'
import { AnswerCheck } from './answer-check.ts'
import type { Document } from './operations.ts'
import { RequestCheck } from './request-check.ts'
import { requestPlans, type RequestPlan } from './request-plans.ts'
import { Tally } from './tally.ts'
import { trialSettings } from './trial-service.ts'
import { Trial } from './trial.ts'

/** What every campaign against the service of one document needs, and takes long to make. */
export interface Hostilities {
  readonly document: Document
  readonly check: AnswerCheck
  readonly plans: Arbitrary<RequestPlan>
}

export interface Campaign {
  readonly seed: number
  /** Of the counterexample to be tried alone, as a failure's report says it. */
  readonly path?: string | undefined
  /** How many services are tried. */
  readonly trials: number
  /** The most requests that one service gets; half as many on average. */
  readonly requestsPerTrial: number
  /** Where the answers are counted. */
  readonly tally: Tally
}

/** The first fault, shown by as few requests as were found to show it. */
export interface Fault {
  /** What is wrong, and the last requests up to it. */
  readonly text: string
  /** With the same seed, trials and requests per trial this brings it back. */
  readonly path: string
}

/** For how long a fault is made smaller, in milliseconds. */
const shrinkingMs = 20_000

/** Makes them from the document that the service serves. */
export async function hostilities(): Promise<Hostilities> {
  const document = await ownDocument()
  const check = new AnswerCheck(new ResponseValidation(document), new RequestCheck(document))
  return { document, check, plans: requestPlans(document) }
}

/**
 * Sends requests of all kinds to services that are new, one after the other, until a fault shows; undefined where there
 * is none.
 */
export async function sendHostileRequests(
  { check, plans: plan }: Hostilities,
  campaign: Campaign
): Promise<Fault | undefined> {
  const { seed, path, trials, requestsPerTrial, tally } = campaign
  const plans = fc.array(plan, { minLength: 1, maxLength: requestsPerTrial, size: 'max' })
  let failedAt = Infinity
  const property = fc.asyncProperty(plans, trialSettings, async (given, settings) => {
    if (performance.now() - failedAt > shrinkingMs) throw new fc.PreconditionFailure(true)
    try {
      await Trial.run(given, settings, check, failedAt === Infinity ? tally : new Tally())
    } catch (error) {
      failedAt = Math.min(failedAt, performance.now())
      throw error
    }
  })
  const details = await fc.check(property, { seed, numRuns: trials, ...(path !== undefined && { path }) })
  if (!details.failed) return undefined
  const { errorInstance, counterexamplePath, counterexample } = details
  const shown = fc.stringify(counterexample).slice(0, 1000)
  return { text: `${String(errorInstance)}\n${shown}`, path: counterexamplePath ?? '' }
}
