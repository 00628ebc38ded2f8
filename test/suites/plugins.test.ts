import { runTogether } from './together.ts'

runTogether('plugins')
