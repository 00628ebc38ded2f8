import { datasource, layOut } from './panel.ts'
import { callers } from './rows/callers.ts'
import { disk } from './rows/disk.ts'
import { health } from './rows/health.ts'
import { speed } from './rows/speed.ts'
import { stock } from './rows/stock.ts'
import { worker } from './rows/worker.ts'

/** A variable whose values are those of a label; all of them at the start. */
function labelVariable(name: string, label: string, metric: string): object {
  const query = `label_values(${metric}, ${name})`
  return {
    type: 'query',
    name,
    label,
    datasource,
    query: { query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { selected: true, text: ['All'], value: ['$__all'] }
  }
}

/** The dashboard as the text that is committed beside this file. */
export function dashboardText(): string {
  const dashboard = {
    uid: 'bincard',
    title: 'Bincard',
    description: 'From top to bottom what an operator asks. Each panel says what to do when it is bad.',
    tags: ['bincard', 'inventory'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus', refresh: 1 },
        labelVariable('job', 'Service', 'inventory_sync_lag_events'),
        labelVariable('instance', 'Process', 'inventory_sync_lag_events{job=~"$job"}')
      ]
    },
    annotations: { list: [] },
    links: [],
    panels: layOut([health, speed, stock, callers, worker, disk])
  }
  return `${JSON.stringify(dashboard, undefined, 2)}\n`
}
