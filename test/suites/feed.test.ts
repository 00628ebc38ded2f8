import { runTogether } from './together.ts'

runTogether('feed')
