import { runTogether } from './together.ts'

runTogether('snapshots')
