import { quantiles, series, type RowPlan } from '../panel.ts'

export const worker: RowPlan = {
  question: 'What is the worker doing?',
  panels: [
    {
      title: 'How late is the central model?',
      advice:
        'Age of the oldest event it does not have. Above 5 minutes an alert fires: is there a process with ' +
        'ROLE=all or worker, and does it run? GET /api/sync/status says.',
      unit: 's',
      limits: { yellow: 60, red: 300 },
      queries: series('max(inventory_sync_lag_seconds{$service})', 'late')
    },
    {
      title: 'How many events is it behind?',
      advice: 'Falling: it catches up. Growing for long: it is slower than the writes, or it stands still.',
      unit: 'short',
      queries: series('max(inventory_sync_lag_events{$service})', 'behind')
    },
    {
      title: 'Does it make passes?',
      advice: 'Passes a second. None: it is stopped (POST /api/sync/start) or its process is gone.',
      unit: 'ops',
      queries: series('sum(rate(inventory_sync_passes_total{$service}[$window]))', 'passes')
    },
    {
      title: 'Does it put events aside?',
      advice: 'Events that became dead letters a second. Any: GET /api/sync/dead-letters says why.',
      unit: 'ops',
      queries: series('sum(rate(inventory_dead_lettered_total{$service}[$window]))', 'put aside')
    },
    {
      title: 'Does it write snapshots?',
      advice: 'Snapshots an hour. None while events come: see its log and the room on the disk.',
      unit: 'short',
      queries: series('sum(rate(inventory_snapshots_total{$service}[$window])) * 3600', 'an hour')
    },
    {
      title: 'How long does a snapshot take?',
      advice: 'Grows with the records. Much longer than before: the disk is slow.',
      unit: 's',
      queries: quantiles('inventory_snapshot_duration_seconds')
    },
    {
      title: 'How old is the newest snapshot?',
      advice: 'Old is no harm where nothing was written since: see the next panel.',
      unit: 's',
      queries: series('max(inventory_snapshot_age_seconds{$service})', 'age')
    },
    {
      title: 'How much would a start replay?',
      advice:
        'Events that are in no snapshot, and how many make the next one worth it. Twice as many: an alert fires, ' +
        'the worker writes no snapshots.',
      unit: 'short',
      queries: [
        { expression: 'max(inventory_events_since_snapshot{$service})', legend: 'to replay' },
        { expression: 'max(inventory_snapshot_due_events{$service})', legend: 'next snapshot' }
      ]
    }
  ]
}
