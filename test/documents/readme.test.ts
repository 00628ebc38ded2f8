import { testDocument } from './document-test.ts'

testDocument('README.md')
