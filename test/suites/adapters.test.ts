import { runTogether } from './together.ts'

runTogether('adapters')
