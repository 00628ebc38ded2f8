import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { testLedger } from './ledger-contract.ts'

testLedger(t, 'the memory ledger', async () => new MemoryLedger())
