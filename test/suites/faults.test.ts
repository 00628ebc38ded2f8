import { runTogether } from './together.ts'

runTogether('faults')
