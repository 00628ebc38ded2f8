import { runTogether } from './together.ts'

runTogether('resilience')
