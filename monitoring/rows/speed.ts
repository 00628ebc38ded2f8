import { quantiles, series, type RowPlan } from '../panel.ts'

/** Who asks for events may wait for them on purpose. */
const feed = 'endpoint!="/v1/inventory/events"'

export const speed: RowPlan = {
  question: 'Is it fast?',
  panels: [
    {
      title: 'How long do requests take?',
      advice:
        'Without the feed, where callers wait on purpose. p95 above 1 s: see the disk (fsync), the queue of writes ' +
        'and the delay of the event loop, in this order.',
      unit: 's',
      limits: { yellow: 0.25, red: 1 },
      queries: quantiles('inventory_api_request_duration_seconds', `,${feed}`)
    },
    {
      title: 'Which endpoint is slow?',
      advice: 'p95 by endpoint. One alone: big pages or batches. All: the machine.',
      unit: 's',
      queries: series(
        `histogram_quantile(0.95, sum by (le, endpoint) (rate(inventory_api_request_duration_seconds_bucket{$service,${feed}}[$window])))`,
        '{{endpoint}}'
      )
    },
    {
      title: 'What is asked for?',
      advice: 'Requests a second by endpoint and method.',
      unit: 'reqps',
      queries: series(
        'sum by (method, endpoint) (rate(inventory_api_requests_total{$service}[$window]))',
        '{{method}} {{endpoint}}'
      )
    },
    {
      title: 'Do writes queue?',
      advice:
        'Writes that wait for their turn. Growing: the disk is slow or the load too high; past ' +
        'INVENTORY_QUEUE_BUFFER_SIZE callers get 503.',
      unit: 'short',
      queries: series('sum by (instance) (inventory_worker_queue_size{$service})', '{{instance}}')
    },
    {
      title: 'How full are the bulkheads?',
      advice:
        'Calls under way and waiting, and how many may be. At the limit for long: raise CONCURRENCY_API, ' +
        'CONCURRENCY_SYNC or CONCURRENCY_FS if the machine has room.',
      unit: 'short',
      queries: [
        {
          expression: 'sum by (bulkhead) (inventory_bulkhead_active{$service})',
          legend: '{{bulkhead}} active'
        },
        {
          expression: 'sum by (bulkhead) (inventory_bulkhead_queued{$service})',
          legend: '{{bulkhead}} waiting'
        },
        { expression: 'sum by (bulkhead) (inventory_bulkhead_limit{$service})', legend: '{{bulkhead}} limit' }
      ]
    },
    {
      title: 'Is the event loop late?',
      advice: 'p99 of its delay. Above 0.1 s: the processor is short, or one request does too much at once.',
      unit: 's',
      limits: { yellow: 0.05, red: 0.1 },
      queries: series('max by (instance) (nodejs_eventloop_lag_p99_seconds{$service})', '{{instance}}')
    },
    {
      title: 'How much processor is used?',
      advice: 'Cores by process. One core all the time: start more processes or send fewer requests.',
      unit: 'short',
      queries: series(
        'sum by (instance) (rate(process_cpu_seconds_total{$service}[$window]))',
        '{{instance}}'
      )
    },
    {
      title: 'How much memory is used?',
      advice:
        'Above 80 % of what there is an alert fires: a million records take about a quarter of a gigabyte.',
      unit: 'percentunit',
      max: 1,
      limits: { yellow: 0.7, red: 0.8 },
      queries: series(
        'process_resident_memory_bytes{$service} / on (job, instance) inventory_memory_limit_bytes{$service}',
        '{{instance}}'
      )
    },
    {
      title: 'How much time goes into garbage collection?',
      advice:
        'The share of a core. Above 10 %: the heap is too small for the records, see --max-old-space-size.',
      unit: 'percentunit',
      limits: { yellow: 0.05, red: 0.1 },
      queries: series(
        'sum by (instance) (rate(nodejs_gc_duration_seconds_sum{$service}[$window]))',
        '{{instance}}'
      )
    }
  ]
}
