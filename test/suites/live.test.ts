import { runTogether } from './together.ts'

runTogether('live')
