import { Counter, Histogram, type Registry } from 'prom-client'
import type { LedgerObserver, WrittenBatch } from '../../domain/ledger.ts'

const syncBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

/** What the ledger of this process has written. */
export function ledgerInstruments(registry: Registry, prefix: string): LedgerObserver {
  const registers = [registry]
  const published = new Counter({
    name: `${prefix}events_published_total`,
    help: 'Events that this process has put into the feed',
    registers
  })
  const expired = new Counter({
    name: `${prefix}reservations_expired_total`,
    help: 'Reservations that ended because their time had passed, as far as this process has written it',
    registers
  })
  const syncSeconds = new Histogram({
    name: `${prefix}fsync_duration_seconds`,
    help: 'How long the disk took to make a batch durable',
    buckets: syncBuckets,
    registers
  })
  const batchUnits = new Histogram({
    name: `${prefix}commit_batch_units`,
    help: 'How many units took effect with one sync',
    buckets: batchBuckets,
    registers
  })
  return {
    batchWritten(batch: WrittenBatch) {
      if (batch.syncMs !== undefined) syncSeconds.observe(batch.syncMs / 1000)
      batchUnits.observe(batch.units)
      published.inc(batch.events)
      expired.inc(batch.expired)
    }
  }
}
