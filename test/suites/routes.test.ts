import { runTogether } from './together.ts'

runTogether('routes')
