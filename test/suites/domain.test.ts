import { runTogether } from './together.ts'

runTogether('domain')
