import { runTogether } from './together.ts'

runTogether('cluster')
