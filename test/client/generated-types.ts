import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import openapiTypes, { astToString, COMMENT_HEADER } from 'openapi-typescript'

export const typesPath = join(import.meta.dirname, 'openapi-types.ts')

/** The TypeScript types that openapi-typescript makes of the committed OpenAPI document. */
export async function generatedTypes(): Promise<string> {
  const path = join(import.meta.dirname, '..', '..', 'openapi', 'openapi.json')
  const document = await readFile(path, 'utf8')
  // A field with a default may still be left out of a request.
  const types = await openapiTypes(document, { defaultNonNullable: false })
  return `${COMMENT_HEADER}${astToString(types)}`
}
