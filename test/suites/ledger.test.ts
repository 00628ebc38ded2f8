import { runTogether } from './together.ts'

runTogether('ledger')
