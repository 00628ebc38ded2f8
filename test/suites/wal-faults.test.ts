import { runTogether } from './together.ts'

runTogether('wal-faults')
