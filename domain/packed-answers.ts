import type { KeyHolder } from './key-index.ts'
import { plainResult } from './logged-unit.ts'
import { PackedNumbers } from './packed-numbers.ts'
import { RememberedAnswer, type AnswerTerm } from './remembered-answer.ts'
import type { Answer } from './unit.ts'

const ANSWERS_PER_BLOCK = 1024
/** Its key, its fingerprint, and either the store and the SKU of its record or nothing and all of the answer. */
const TEXTS_PER_ANSWER = 4

// The columns of the block that is being made; what it keeps is packed from them.
const quantities = new Float64Array(ANSWERS_PER_BLOCK)
const reserved = new Float64Array(ANSWERS_PER_BLOCK)
const versions = new Float64Array(ANSWERS_PER_BLOCK)

/** Answers that are never changed: all their texts in one, where each of them ends in it, and their numbers. */
class AnswerBlock {
  readonly #text: string
  readonly #ends = new Uint32Array(ANSWERS_PER_BLOCK * TEXTS_PER_ANSWER)
  readonly #quantities: PackedNumbers
  readonly #reserved: PackedNumbers
  /** 0 where the answer is no plain record: records that exist count from 1. */
  readonly #versions: PackedNumbers
  readonly #terms: readonly AnswerTerm[]

  /** REQUIRES: they are as many as a block holds. */
  constructor(answers: readonly RememberedAnswer[]) {
    const texts: string[] = []
    let index = 0
    for (const answer of answers) {
      const record = answer.plainRecord
      const last = record === undefined ? JSON.stringify(answer.answer) : record.sku
      texts.push(answer.key, answer.fingerprint, record?.storeId ?? '', last)
      quantities[index] = record?.qty ?? 0
      reserved[index] = record?.reserved ?? 0
      versions[index] = record?.version ?? 0
      index += 1
    }
    this.#text = texts.join('')
    let place = 0
    let end = 0
    for (const text of texts) {
      end += text.length
      this.#ends[place] = end
      place += 1
    }
    this.#quantities = PackedNumbers.of(quantities)
    this.#reserved = PackedNumbers.of(reserved)
    this.#versions = PackedNumbers.of(versions)
    this.#terms = answers.map(({ term }) => term)
  }

  get length(): number {
    return this.#terms.length
  }

  isKey(index: number, key: string): boolean {
    const place = index * TEXTS_PER_ANSWER
    const start = this.#start(place)
    return this.#start(place + 1) - start === key.length && this.#text.startsWith(key, start)
  }

  term(index: number): AnswerTerm {
    const term = this.#terms[index]
    if (term === undefined) throw new RangeError(`there is no answer ${index}`)
    return term
  }

  at(index: number): RememberedAnswer {
    const place = index * TEXTS_PER_ANSWER
    const [key, fingerprint] = [this.#textAt(place), this.#textAt(place + 1)]
    const [storeId, sku] = [this.#textAt(place + 2), this.#textAt(place + 3)]
    const version = this.#versions.at(index)
    const term = this.term(index)
    if (version === 0) return new RememberedAnswer(key, fingerprint, term, JSON.parse(sku) as Answer)
    const [qty, reserved] = [this.#quantities.at(index), this.#reserved.at(index)]
    const result = plainResult({ storeId, sku, qty, reserved, version }, term.at)
    return new RememberedAnswer(key, fingerprint, term, { at: term.at, results: [result] })
  }

  #textAt(place: number): string {
    return this.#text.slice(this.#start(place), this.#start(place + 1))
  }

  #start(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] ?? 0)
  }
}

/**
 * Answers in the order in which they were given, numbered from 0, of which the oldest are let go. Millions of them may
 * be held, and nearly none is ever asked for; as objects of their own they would keep the collector busy, so all but the
 * newest are packed into blocks.
 */
export class PackedAnswers implements KeyHolder {
  readonly #blocks: AnswerBlock[] = []
  #newest: RememberedAnswer[] = []
  #oldest = 0
  /** The number of the first answer of the first block. */
  #first = 0

  /** The number of the oldest answer that is held, or of the next one where none is. */
  get oldest(): number {
    return this.#oldest
  }

  /** The number that the next answer will get. */
  get end(): number {
    return this.#first + this.#blocks.length * ANSWERS_PER_BLOCK + this.#newest.length
  }

  add(answer: RememberedAnswer): void {
    this.#newest.push(answer)
    if (this.#newest.length < ANSWERS_PER_BLOCK) return
    this.#blocks.push(new AnswerBlock(this.#newest))
    this.#newest = []
  }

  /** Lets go of the oldest answer. REQUIRES: there is one. */
  dropOldest(): void {
    this.#oldest += 1
    if (this.#blocks.length === 0 || this.#oldest - this.#first < ANSWERS_PER_BLOCK) return
    this.#blocks.shift()
    this.#first += ANSWERS_PER_BLOCK
  }

  /** Whether the answer with this number was given under the key. REQUIRES: it is held, as for the two that follow. */
  isKey(number: number, key: string): boolean {
    const index = this.#indexOf(number)
    return this.#blockOf(number)?.isKey(index, key) ?? this.#newestAt(index).key === key
  }

  term(number: number): AnswerTerm {
    const index = this.#indexOf(number)
    return this.#blockOf(number)?.term(index) ?? this.#newestAt(index).term
  }

  at(number: number): RememberedAnswer {
    const index = this.#indexOf(number)
    return this.#blockOf(number)?.at(index) ?? this.#newestAt(index)
  }

  /** The answers that are held now but for the numbers left out, in parts to be drawn whatever happens in the meantime. */
  capture(leftOut: ReadonlySet<number>): Iterable<readonly RememberedAnswer[]> {
    return partsOf([...this.#blocks, [...this.#newest]], this.#first, this.#oldest, leftOut)
  }

  #blockOf(number: number): AnswerBlock | undefined {
    return this.#blocks[Math.floor((number - this.#first) / ANSWERS_PER_BLOCK)]
  }

  #indexOf(number: number): number {
    return (number - this.#first) % ANSWERS_PER_BLOCK
  }

  #newestAt(index: number): RememberedAnswer {
    const answer = this.#newest[index]
    if (answer === undefined) throw new RangeError(`there is no answer ${index} among the newest`)
    return answer
  }
}

function* partsOf(
  blocks: readonly (AnswerBlock | readonly RememberedAnswer[])[],
  first: number,
  oldest: number,
  leftOut: ReadonlySet<number>
): Generator<readonly RememberedAnswer[]> {
  let number = first
  for (const block of blocks) {
    const part: RememberedAnswer[] = []
    for (let index = 0; index < block.length; index += 1, number += 1) {
      if (number < oldest || leftOut.has(number)) continue
      const answer = block.at(index)
      if (answer !== undefined) part.push(answer)
    }
    if (part.length > 0) yield part
  }
}
