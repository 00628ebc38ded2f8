import { series, type RowPlan } from '../panel.ts'

const movements = (result: string): string =>
  `sum by (type) (rate(inventory_movements_total{$service,result="${result}"}[$window]))`

export const stock: RowPlan = {
  question: 'Is stock safe?',
  panels: [
    {
      title: 'How often do callers work with old versions?',
      advice:
        'Version conflicts among all changes asked for. Above 10 % an alert fires: a caller does not read again ' +
        'after a refusal, or many change the same record.',
      unit: 'percentunit',
      limits: { yellow: 0.05, red: 0.1 },
      queries: series(
        'sum(rate(inventory_version_conflicts_total{$service}[$window])) / sum(rate(inventory_movements_total{$service}[$window]))',
        'conflicts'
      )
    },
    {
      title: 'What changes stock?',
      advice: 'Changes a second that were applied, by kind.',
      unit: 'ops',
      queries: series(movements('applied'), '{{type}}')
    },
    {
      title: 'What is refused?',
      advice: 'Changes a second that were refused: too little stock, another version, no such record.',
      unit: 'ops',
      queries: series(movements('refused'), '{{type}}')
    },
    {
      title: 'Are requests repeated?',
      advice:
        'Answers a second given again under their keys. Many: a caller times out before the answer comes.',
      unit: 'ops',
      queries: series('sum(rate(inventory_cache_hits_total{$service}[$window]))', 'given again')
    },
    {
      title: 'How much is reserved?',
      advice:
        'Reservations that no event has ended. Growing without end: callers neither commit nor release.',
      unit: 'short',
      queries: series('max(inventory_reservations_open{$service})', 'open')
    },
    {
      title: 'Do reservations run out?',
      advice: 'Reservations a second whose time passed. Many: callers give up, or their ttlMs is too short.',
      unit: 'ops',
      queries: series('sum(rate(inventory_reservations_expired_total{$service}[$window]))', 'expired')
    },
    {
      title: 'Did the log have to be mended?',
      advice:
        'Torn parts were never acknowledged; void units lost a race and were asked again. Torn parts after a crash ' +
        'are normal; more of them without one: check the disk, run bincard verify.',
      unit: 'short',
      queries: [
        { expression: 'max(inventory_torn_frames{$service})', legend: 'torn' },
        { expression: 'max(inventory_void_units{$service})', legend: 'void' }
      ]
    },
    {
      title: 'How many records and keys are held?',
      advice: 'In memory. Keys go after IDEMP_TTL_MS; records stay.',
      unit: 'short',
      queries: [
        { expression: 'max(inventory_records{$service})', legend: 'records' },
        { expression: 'max(inventory_idempotency_keys{$service})', legend: 'idempotency keys' }
      ]
    },
    {
      title: 'Do leases hold?',
      advice:
        'Leases a second. Lost or expired while held: the holder is too slow for LOCK_TTL_MS, or the disk is. ' +
        'Nothing at all without LOCKS_ENABLED.',
      unit: 'ops',
      queries: ['acquired', 'contended', 'stolen', 'expired', 'lost'].map((what) => ({
        expression: `sum(rate(inventory_lock_${what}_total{$service}[$window]))`,
        legend: what
      }))
    }
  ]
}
