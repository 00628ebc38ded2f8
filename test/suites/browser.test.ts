import { runTogether } from './together.ts'

runTogether('browser')
