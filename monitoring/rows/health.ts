import { series, type RowPlan } from '../panel.ts'

const requests = 'sum(rate(inventory_api_requests_total{$service}[$window]))'
/** Nothing has failed yet where there is no series. */
const failures = '(sum(rate(inventory_api_errors_total{$service,status=~"5.."}[$window])) or vector(0))'

export const health: RowPlan = {
  question: 'Is it healthy?',
  panels: [
    {
      title: 'Processes that answer',
      advice:
        'Processes that Prometheus could scrape. Fewer than you started: look at the log of the one that is gone.',
      unit: 'short',
      isNumber: true,
      limits: { yellow: 1, red: 1 },
      queries: series('sum(up{$service})', 'up')
    },
    {
      title: 'Server processes that take writes',
      advice:
        'A process whose disk has failed takes no writes, and still reads. Fewer than you started: see its log, ' +
        'mend the disk, start it again if it does not recover.',
      unit: 'short',
      isNumber: true,
      limits: { yellow: 1, red: 1 },
      queries: series('sum(inventory_worker_active_count{$service})', 'writing')
    },
    {
      title: 'Alerts that fire',
      advice: 'Alerts of alerts.yml. Above 0: README.md beside it says what each means and what to do.',
      unit: 'short',
      isNumber: true,
      limits: { yellow: 1, red: 2 },
      queries: series('count(ALERTS{alertname=~"Bincard.*",alertstate="firing"}) or vector(0)', 'firing')
    },
    {
      title: 'Answers that failed',
      advice:
        'The share of answers from 500 on. Above 5 % an alert fires: see which endpoint and status below.',
      unit: 'percentunit',
      isNumber: true,
      limits: { yellow: 0.01, red: 0.05 },
      queries: series(`${failures} / ${requests}`, 'failed')
    },
    {
      title: 'Dead letters',
      advice:
        'Events that the central model could not take. Above 0: GET /api/sync/dead-letters says why; ' +
        'mend the cause and requeue them.',
      unit: 'short',
      isNumber: true,
      limits: { yellow: 1, red: 1 },
      queries: series('max(inventory_dead_letters{$service})', 'dead letters')
    },
    {
      title: 'Time since the last start',
      advice:
        'Of the process that started last. Short again and again: it crashes or is killed, see its log.',
      unit: 's',
      isNumber: true,
      queries: series('min(time() - process_start_time_seconds{$service})', 'up for')
    },
    {
      title: 'How many requests come?',
      advice: 'Answered requests a second. A sudden fall to nothing is trouble in front of the service.',
      unit: 'reqps',
      queries: series(requests, 'requests')
    },
    {
      title: 'Is anybody turned away?',
      advice:
        'Requests a second that got 503 as too many waited or a breaker was open, or 429. Shed: the machine is too ' +
        'small or a caller too eager. Breaker: see the next panel. 429: see who is calling.',
      unit: 'reqps',
      queries: [
        { expression: 'sum(rate(inventory_load_shed_total{$service}[$window]))', legend: 'shed' },
        { expression: 'sum(rate(inventory_breaker_open_total{$service}[$window]))', legend: 'breaker open' },
        {
          expression: 'sum(rate(inventory_rate_limit_violations_total{$service}[$window]))',
          legend: 'rate limit'
        }
      ]
    },
    {
      title: 'Is a circuit breaker open?',
      advice: '0 closed, 1 half-open, 2 open. Open: what it guards fails; the log says with which error.',
      unit: 'short',
      max: 2,
      limits: { yellow: 1, red: 2 },
      queries: series('max by (breaker) (inventory_breaker_state{$service})', '{{breaker}}')
    }
  ]
}
