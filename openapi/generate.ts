import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageFolder } from '../plugins/configuration/package-folder.ts'
import { servedDocument } from './document.ts'

const folder = join(packageFolder(import.meta.dirname), 'openapi')
const { json, yaml } = await servedDocument()
await writeFile(join(folder, 'openapi.json'), json)
await writeFile(join(folder, 'openapi.yaml'), yaml)
