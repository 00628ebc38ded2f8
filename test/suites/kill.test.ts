import { runTogether } from './together.ts'

runTogether('kill')
