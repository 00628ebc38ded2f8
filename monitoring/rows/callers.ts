import { series, type RowPlan } from '../panel.ts'

export const callers: RowPlan = {
  question: 'Who is calling?',
  panels: [
    {
      title: 'Where do requests come from?',
      advice:
        'Requests a second by where the client is. All from one place behind a proxy: set TRUST_PROXY. External ' +
        'where nobody outside should call: close the port.',
      unit: 'reqps',
      queries: series(
        'sum by (type) (rate(inventory_api_requests_by_client_ip_type{$service}[$window]))',
        '{{type}}'
      )
    },
    {
      title: 'How long do they wait, by where they are?',
      advice:
        'p95 by where the client is, the feed included. Only one type slow: the network, not the service.',
      unit: 's',
      queries: series(
        'histogram_quantile(0.95, sum by (le, type) (rate(inventory_api_response_time_by_client_type_bucket{$service}[$window])))',
        '{{type}}'
      )
    },
    {
      title: 'Who asks too often?',
      advice:
        'Answers a second with 429. GET /v1/admin/rate-limit/status names the clients of the central API.',
      unit: 'reqps',
      queries: series(
        'sum by (type) (rate(inventory_rate_limit_violations_total{$service}[$window]))',
        '{{type}}'
      )
    },
    {
      title: 'What do they do wrong?',
      advice: '401 and 403: keys. 409: versions or stock. 429: too often. From 500 on it is the service.',
      unit: 'reqps',
      queries: series('sum by (status) (rate(inventory_api_errors_total{$service}[$window]))', '{{status}}')
    },
    {
      title: 'Where do they do it?',
      advice:
        'Answers a second from 400 on, by endpoint. "unknown" is what no route answers: a wrong URL, a scan.',
      unit: 'reqps',
      queries: series(
        'sum by (endpoint) (rate(inventory_api_errors_total{$service}[$window]))',
        '{{endpoint}}'
      )
    },
    {
      title: 'Do they read or write?',
      advice: 'Records and pages read a second, and changes applied.',
      unit: 'ops',
      queries: [
        { expression: 'sum(rate(inventory_reads_total{$service}[$window]))', legend: 'reads' },
        { expression: 'sum(rate(inventory_updates_processed_total{$service}[$window]))', legend: 'changes' }
      ]
    },
    {
      title: 'Who follows the feed?',
      advice:
        'Callers that wait for events. Fewer than there are shops: one is cut off and its stock grows old.',
      unit: 'short',
      queries: series('sum(inventory_feed_followers{$service})', 'followers')
    },
    {
      title: 'How often do followers ask?',
      advice: 'Requests a second for the feed. Many with few events: callers ask without wait.',
      unit: 'reqps',
      queries: series(
        'sum(rate(inventory_api_requests_total{$service,endpoint="/v1/inventory/events"}[$window]))',
        'requests'
      )
    }
  ]
}
