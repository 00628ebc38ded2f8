import { writeFile } from 'node:fs/promises'
import { generatedTypes, typesPath } from './generated-types.ts'

await writeFile(typesPath, await generatedTypes())
