import type { onRequestHookHandler } from 'fastify'
import { validationError } from '../errors/api-error.ts'

/**
 * Refuses HTTP/1.1 without Host, as RFC 9112, section 3.2, demands. Node does so by itself, but with an empty answer:
 * a server that is to answer in the envelope is made with `requireHostHeader: false`.
 */
export const requireHost: onRequestHookHandler = ({ raw }, _reply, done) => {
  if (raw.headers.host !== undefined || raw.httpVersionMajor !== 1 || raw.httpVersionMinor !== 1) {
    done()
    return
  }
  const reason = 'is required'
  done(validationError(`The header is not valid: Host ${reason}`, [{ in: 'header', field: 'Host', reason }]))
}
