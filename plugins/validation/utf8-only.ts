import { isUtf8 } from 'node:buffer'
import type { FastifyBodyParser } from 'fastify'
import { validationError } from '../errors/api-error.ts'

/**
 * The parser of a text for bodies as bytes: what is no UTF-8, which JSON has to be (RFC 8259, section 8.1), is 400. A
 * decoder would make U+FFFD of it, and one identifier of two that differ.
 */
export function utf8Only(parse: FastifyBodyParser<string>): FastifyBodyParser<Buffer> {
  return (request, body, done) => {
    if (isUtf8(body)) return parse(request, body.toString(), done) as unknown
    const reason = 'must be UTF-8'
    done(validationError(`The body is not valid: it ${reason}`, [{ in: 'body', field: '', reason }]))
  }
}
