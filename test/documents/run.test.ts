import { testDocument } from './document-test.ts'

testDocument('run.md')
