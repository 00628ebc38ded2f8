import { runTogether } from './together.ts'

runTogether('monitoring')
