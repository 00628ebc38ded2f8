import { runTogether } from './together.ts'

runTogether('command-line')
