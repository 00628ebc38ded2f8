import { quantiles, series, type RowPlan } from '../panel.ts'

export const disk: RowPlan = {
  question: 'What is the disk doing?',
  panels: [
    {
      title: 'How long does an fsync take?',
      advice: 'Every write waits for one. p99 above 0.1 s: another program uses the disk, or it is failing.',
      unit: 's',
      limits: { yellow: 0.05, red: 0.1 },
      queries: quantiles('inventory_fsync_duration_seconds')
    },
    {
      title: 'How many fsyncs are there?',
      advice: 'A second. Close to what the disk can do at most: writes share them from there on.',
      unit: 'ops',
      queries: series('sum(rate(inventory_fsync_duration_seconds_count{$service}[$window]))', 'fsyncs')
    },
    {
      title: 'How many writes share an fsync?',
      advice: 'On average. 1 is a quiet service; many is a busy one whose disk holds it back.',
      unit: 'short',
      queries: series(
        'sum(rate(inventory_commit_batch_units_sum{$service}[$window])) / sum(rate(inventory_commit_batch_units_count{$service}[$window]))',
        'writes'
      )
    },
    {
      title: 'How much room is left?',
      advice:
        'Share of the file system that is free. Below 10 % an alert fires: make room, or set EVENT_RETENTION so that ' +
        'old segments go.',
      unit: 'percentunit',
      max: 1,
      limits: { yellow: 0.2, red: 0.1 },
      queries: series(
        'min(inventory_disk_free_bytes{$service} / on (job, instance) inventory_disk_size_bytes{$service})',
        'free'
      )
    },
    {
      title: 'How big is the log?',
      advice: 'All segments. Without EVENT_RETENTION it only grows.',
      unit: 'bytes',
      queries: series('max(inventory_log_size_bytes{$service})', 'log')
    },
    {
      title: 'How fast does it grow?',
      advice:
        'Bytes a second; negative where retention has removed segments. The room left, divided by it, is time.',
      unit: 'Bps',
      queries: series('max(deriv(inventory_log_size_bytes{$service}[$window]))', 'log')
    },
    {
      title: 'How many events come?',
      advice: 'Events a second that were put into the feed.',
      unit: 'ops',
      queries: series('sum(rate(inventory_events_published_total{$service}[$window]))', 'events')
    },
    {
      title: 'How many events are kept?',
      advice:
        'Those that a follower can still ask for. Who is further behind than that gets 410 and starts anew.',
      unit: 'short',
      queries: series('max(inventory_events_queue_size{$service})', 'kept')
    },
    {
      title: 'Are file operations tried again?',
      advice: 'A second. Any for long: the disk or the network file system fails now and then.',
      unit: 'ops',
      queries: series('sum(rate(inventory_fs_retries_total{$service}[$window]))', 'retries')
    },
    {
      title: 'How many files are open?',
      advice: 'Share of what the system allows; connections count too. Near 1: raise ulimit -n.',
      unit: 'percentunit',
      max: 1,
      limits: { yellow: 0.7, red: 0.9 },
      queries: series(
        'process_open_fds{$service} / on (job, instance) process_max_fds{$service}',
        '{{instance}}'
      )
    }
  ]
}
