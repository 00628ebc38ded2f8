import { runTogether } from './together.ts'

runTogether('hostile')
