import type { Command } from '../../domain/commands.ts'
import type { Answered } from '../openapi/response-validation.ts'
import type { AnswerCheck } from './answer-check.ts'
import { claimsOf, requireClaimed } from './claims.ts'
import { productIds, skus, storeIds } from './hints.ts'
import { headerOf, payloadOf, requestText, setHeader, type HttpRequest } from './http-request.ts'
import { LedgerWitness } from './ledger-witness.ts'
import type { Malformation } from './malformed-http.ts'
import type { Operation } from './operations.ts'
import { prototypesText } from './prototypes.ts'
import { Recollection } from './recalled.ts'
import { Repetition } from './repetition.ts'
import { plannedRequest, type RequestPlan } from './request-plans.ts'
import type { RequestKind, Tally } from './tally.ts'
import { keys, TrialService, type TrialSettings } from './trial-service.ts'

const openingUnits = 1000
const heldUnits = 100
/** Requests up to the failing one that a report shows. */
const shown = 12

/** One request as it goes out. */
interface Attempt {
  readonly operation: Operation
  readonly request: HttpRequest
  readonly kind: RequestKind
  readonly malformation: Malformation | null
  readonly bySocket: boolean
}

/** One service and the requests that it gets, one after the other. */
export class Trial {
  readonly #service: TrialService
  readonly #witness: LedgerWitness
  readonly #recollection: Recollection
  readonly #repetition: Repetition<Attempt>
  readonly #check: AnswerCheck
  readonly #tally: Tally
  readonly #sent: (readonly [Attempt, readonly Answered[]])[] = []

  private constructor(service: TrialService, check: AnswerCheck, tally: Tally) {
    const { centralStoreId, idempotencyTtlMs } = service.configuration
    this.#service = service
    this.#check = check
    this.#tally = tally
    this.#witness = new LedgerWitness(service.ledger)
    this.#recollection = new Recollection(this.#witness, centralStoreId)
    this.#repetition = new Repetition(idempotencyTtlMs)
  }

  /** Starts a service, sends it what the plans say and closes it. Rejects at the first fault, with the requests before it. */
  static async run(
    plans: readonly RequestPlan[],
    settings: TrialSettings,
    check: AnswerCheck,
    tally: Tally
  ): Promise<void> {
    const service = await TrialService.start(settings)
    const prototypes = prototypesText()
    try {
      const trial = new Trial(service, check, tally)
      await trial.#open()
      for (const plan of plans) await trial.#try(plan)
      await trial.#witness.events(true)
      if (prototypesText() !== prototypes) throw new Error('what all objects have has changed')
    } finally {
      await service.close()
    }
  }

  /** Gives the records that most requests speak of something to take. */
  async #open(): Promise<void> {
    const { configuration, ledger, now } = this.#service
    const { centralStoreId } = configuration
    const stock = storeIds.flatMap((storeId) =>
      skus.map((sku): Command => ({ type: 'adjust', storeId, sku, delta: openingUnits }))
    )
    const reservations = storeIds.map((storeId): Command => {
      return {
        type: 'reserve',
        storeId,
        sku: skus[0],
        qty: heldUnits,
        reservationId: `opening of ${storeId}`
      }
    })
    const products = productIds.map((sku): Command => {
      return {
        type: 'create_product',
        storeId: centralStoreId,
        sku,
        name: sku,
        available: openingUnits,
        price: 1
      }
    })
    const lines = [...stock, ...reservations, ...products].map((command) => ({ command }))
    await ledger.execute({ at: now, lines, atomic: false })
    await this.#witness.events()
  }

  async #try(plan: RequestPlan): Promise<void> {
    this.#service.putForward(plan.laterMs)
    const repeated = plan.again ? this.#repetition.last : undefined
    const attempt = repeated ?? this.#attempt(plan)
    const { operation, request, kind } = attempt
    let answers: readonly Answered[] = []
    try {
      answers = await this.#send(attempt)
      for (const answer of answers) {
        this.#check.check(request, answer, kind)
        this.#tally.add(operation.operationId, kind, answer.statusCode)
      }
      await this.#checkEffects(attempt, answers)
      if (repeated !== undefined) this.#repetition.check(answers[0], this.#service.now)
      else if (kind === 'valid') this.#repetition.note(attempt, answers[0], this.#service.now)
    } catch (error) {
      this.#sent.push([attempt, answers])
      throw this.#fault(operation, error)
    }
    this.#sent.push([attempt, answers])
    if (this.#sent.length > shown) this.#sent.shift()
  }

  #attempt(plan: RequestPlan): Attempt {
    const { operation, mutations, malformation } = plan
    const request = plannedRequest(plan, this.#recollection)
    const needsKey = this.#service.configuration.apiKeys.length > 0
    if (needsKey && plan.apiKey !== 'none') setHeader(request, 'X-API-Key', keys[plan.apiKey])
    for (const mutation of mutations) mutation.apply(request)
    // From here on a body is the same text for all who look at it.
    const payload = payloadOf(request)
    if (payload !== undefined) request.payload = payload
    // Where a body was announced and none came, there would be no fault in waiting for it.
    if (malformation !== null && operation.body !== undefined) request.payload ??= '{}'
    const kind = malformation !== null ? 'malformed' : mutations.length > 0 ? 'mutated' : 'valid'
    const mayStream = operation.streams && headerOf(request, 'Accept') !== undefined
    const bySocket = plan.bySocket || request.socketOnly === true || mayStream
    return { operation, request, kind, malformation, bySocket }
  }

  async #send({ request, malformation, bySocket }: Attempt): Promise<readonly Answered[]> {
    if (malformation !== null) {
      return this.#service.exchange(malformation.bytes(request), [request.method], malformation.hangsUp)
    }
    return bySocket ? this.#service.send(request) : [await this.#service.inject(request)]
  }

  /** Nothing has happened but what the successes among the answers say. */
  async #checkEffects({ operation, request }: Attempt, answers: readonly Answered[]): Promise<void> {
    const events = await this.#witness.events()
    // Where nothing is to be changed, a body is not even read.
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const claims = answers.flatMap((answer) => {
      if (answer.statusCode >= 300 || answer.body === '') return []
      const body = JSON.parse(answer.body) as unknown
      this.#recollection.learn(operation.operationId, body)
      if (isReading) return []
      const replayed = answer.headers['idempotency-replayed'] === 'true'
      return claimsOf(bodyOf(request), body, replayed, this.#service.configuration.centralStoreId)
    })
    requireClaimed(events, claims, this.#witness)
  }

  #fault({ operationId }: Operation, error: unknown): Error {
    const { errors } = this.#service
    const sent = this.#sent.map(([attempt, answers]) =>
      [attemptText(attempt), ...answers.map(answerText)].join('\n')
    )
    const logged = errors.length === 0 ? '' : `\nlogged: ${errors.join('')}`
    const what = error instanceof Error ? error.message : String(error)
    return new Error(`${operationId}: ${what}\nthe last requests:\n${sent.join('\n')}${logged}`)
  }
}

/** The body as the service understood it; what it did not understand it has not answered with a success. */
function bodyOf(request: HttpRequest): unknown {
  const text = payloadOf(request)?.toString()
  return text === undefined || text === '' ? undefined : (JSON.parse(text.replace(/^\ufeff/, '')) as unknown)
}

function attemptText({ request, malformation }: Attempt): string {
  return malformation === null ? requestText(request) : `${requestText(request)} with ${malformation.name}`
}

function answerText({ statusCode, headers, body }: Answered): string {
  const { etag, 'idempotency-replayed': replayed } = headers
  return `    → ${statusCode} ${JSON.stringify({ etag, replayed })} ${body.slice(0, 600)}`
}
