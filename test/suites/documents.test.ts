import { runTogether } from './together.ts'

runTogether('documents')
