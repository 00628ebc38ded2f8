/** One line of a panel: what Prometheus is asked, and what the answer is called. */
export interface Query {
  /** `$service` stands for the matchers of the variables, `$window` for the time that a rate is taken over. */
  readonly expression: string
  /** As Grafana has it: `{{endpoint}}` is the value of a label. */
  readonly legend: string
}

export interface PanelPlan {
  /** What it answers. */
  readonly title: string
  /** What the figure is, and what to do when it is bad. */
  readonly advice: string
  /** A unit of Grafana. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** A number for now, where how it went does not matter. */
  readonly isNumber?: boolean
  /** From here on it is yellow, and red; the other way round where red is the smaller one. */
  readonly limits?: { readonly yellow: number; readonly red: number }
  readonly max?: number
}

export interface RowPlan {
  /** The question of an operator. */
  readonly question: string
  readonly panels: readonly PanelPlan[]
}

/** Whichever Prometheus is chosen at the top of the dashboard. */
export const datasource = { type: 'prometheus', uid: `\${datasource}` }
const matchers = 'job=~"$job",instance=~"$instance"'
const columns = 24
const numberSize = { w: 4, h: 4 }
const seriesSize = { w: 8, h: 8 }

/** A panel with one query. */
export function series(expression: string, legend: string): readonly Query[] {
  return [{ expression, legend }]
}

/** The p50, p95 and p99 of a histogram, as far as `more` matches its series. */
export function quantiles(histogram: string, more = ''): readonly Query[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expression: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{$service${more}}[$window])))`,
    legend: `p${quantile * 100}`
  }))
}

/** The panels of all rows as Grafana has them, with ids from 1 and places in its grid. */
export function layOut(rows: readonly RowPlan[]): readonly object[] {
  const panels: object[] = []
  const nextId = (): number => panels.length + 1
  let y = 0
  for (const { question, panels: plans } of rows) {
    panels.push({
      id: nextId(),
      type: 'row',
      title: question,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: []
    })
    y += 1
    let x = 0
    let height = 0
    for (const plan of plans) {
      const { w, h } = plan.isNumber === true ? numberSize : seriesSize
      if (x + w > columns || (height !== 0 && height !== h)) {
        y += height
        x = 0
      }
      panels.push({ id: nextId(), ...grafanaPanel(plan), gridPos: { x, y, w, h } })
      x += w
      height = h
    }
    y += height
  }
  return panels
}

function grafanaPanel(plan: PanelPlan): object {
  const { title, advice, unit, queries, limits, max, isNumber = false } = plan
  return {
    type: isNumber ? 'stat' : 'timeseries',
    title,
    description: advice,
    datasource,
    fieldConfig: {
      defaults: {
        unit,
        ...(max === undefined ? {} : { max }),
        color: { mode: isNumber && limits !== undefined ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps: thresholdSteps(limits) },
        custom: isNumber
          ? {}
          : {
              drawStyle: 'line',
              lineWidth: 1,
              fillOpacity: 10,
              showPoints: 'never',
              thresholdsStyle: { mode: limits === undefined ? 'off' : 'line' }
            }
      },
      overrides: []
    },
    options: isNumber ? numberOptions : seriesOptions,
    targets: queries.map(({ expression, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      editorMode: 'code',
      expr: expression.replaceAll('$service', matchers).replaceAll('$window', '$__rate_interval'),
      legendFormat: legend,
      instant: isNumber,
      range: !isNumber
    }))
  }
}

function thresholdSteps(limits: PanelPlan['limits']): readonly object[] {
  if (limits === undefined) return [{ color: 'green', value: null }]
  const { yellow, red } = limits
  if (red >= yellow) {
    return [
      { color: 'green', value: null },
      { color: 'yellow', value: yellow },
      { color: 'red', value: red }
    ].filter(({ value }, index) => index !== 1 || value !== red)
  }
  return [
    { color: 'red', value: null },
    { color: 'yellow', value: red },
    { color: 'green', value: yellow }
  ]
}

const numberOptions = {
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  colorMode: 'value',
  graphMode: 'none',
  textMode: 'auto',
  orientation: 'auto'
}

const seriesOptions = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' }
}
