import { servedDocument } from '../../openapi/document.ts'
import type { ServedDocument } from '../openapi/response-validation.ts'
import type { Document } from './operations.ts'

let asked: Promise<Document & ServedDocument> | undefined

/** The document that the service serves; asked for once, as a server is started for it. */
export function ownDocument(): Promise<Document & ServedDocument> {
  asked ??= servedDocument().then(({ json }) => JSON.parse(json) as Document & ServedDocument)
  return asked
}
