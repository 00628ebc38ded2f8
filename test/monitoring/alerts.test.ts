import { spawnSync } from 'node:child_process'
import t from 'tap'
import { monitoringFolder, read, rules, unitTests } from './files.ts'
import { whyMissing } from './prometheus.ts'

const missing = whyMissing('promtool')

t.test('there is an alert for everything that somebody has to get up for', async (t) => {
  const names = rules().map(({ alert }) => alert)
  t.equal(new Set(names).size, names.length)
  t.strictSame(
    [
      'BincardConflictRateHigh',
      'BincardSyncLagHigh',
      'BincardErrorRateHigh',
      'BincardMemoryHigh',
      'BincardSlow',
      'BincardBreakerOpen',
      'BincardDeadLetters',
      'BincardFsyncSlow',
      'BincardDiskNearlyFull',
      'BincardNoSnapshot'
    ].filter((name) => !names.includes(name)),
    []
  )
})

t.test('each says how bad it is, what it is and where to read what to do', async (t) => {
  const readme = read('README.md')
  for (const { alert, labels, annotations, for: time } of rules()) {
    t.match(labels.severity, /^(warning|critical)$/, alert)
    t.match(time, /^\d+[sm]$/, `${alert} waits before it fires`)
    t.ok(annotations.summary, alert)
    t.match(annotations.description, /\.$/, alert)
    t.equal(annotations.runbook, `README.md#${alert.toLowerCase()}`)
    t.match(readme, new RegExp(`^### ${alert}$`, 'm'), `${alert} is in the README`)
  }
})

t.test('each is tested where it fires and where it does not', async (t) => {
  const cases = unitTests().flatMap((test) => test.alert_rule_test)
  for (const { alert } of rules()) {
    const expected = cases.filter(({ alertname }) => alertname === alert).map((one) => one.exp_alerts.length)
    t.strictSame(expected.sort(), [0, 1], alert)
  }
})

t.test('promtool accepts the files', { skip: missing }, async (t) => {
  for (const [what, file] of [
    ['config', 'prometheus.yml'],
    ['rules', 'alerts.yml']
  ] as const) {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', what, file], {
      cwd: monitoringFolder,
      encoding: 'utf8'
    })
    t.equal(status, 0, `${file}\n${stdout}${stderr}`)
  }
})

t.test('the alerts do what their tests say', { skip: missing }, async (t) => {
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], {
    cwd: monitoringFolder,
    encoding: 'utf8'
  })
  t.equal(status, 0, `${stdout}${stderr}`)
})
