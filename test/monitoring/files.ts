import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const monitoringFolder = join(import.meta.dirname, '..', '..', 'monitoring')

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid: string }
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
  }[]
}

export interface Dashboard {
  readonly schemaVersion: number
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: unknown }[]
  }
  readonly panels: readonly Panel[]
}

export interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook', string>>
}

export interface UnitTest {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[]
}

export function read(name: string): string {
  return readFileSync(join(monitoringFolder, name), 'utf8')
}

export function committedDashboard(): Dashboard {
  return JSON.parse(read('grafana-dashboard.json')) as Dashboard
}

export function rules(): readonly Rule[] {
  const { groups } = parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }
  return groups.flatMap((group) => group.rules)
}

export function unitTests(): readonly UnitTest[] {
  return (parse(read('alerts.test.yml')) as { tests: UnitTest[] }).tests
}

/** The metrics of the service that an expression names. */
export function metricsIn(expression: string): readonly string[] {
  const withoutStrings = expression.replaceAll(/"[^"]*"/g, '""')
  return [...new Set(withoutStrings.match(/\b(?:inventory|process|nodejs)_\w+/g) ?? [])]
}
