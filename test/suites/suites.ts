/** The folders below `test/` whose files run in one process, by suite. `.taprc` names the others. */
export const suites = {
  adapters: [
    'adapters',
    'adapters/cluster',
    'adapters/file-system',
    'adapters/resilience',
    'adapters/sync',
    'adapters/verification'
  ],
  app: ['app', 'processes'],
  browser: ['plugins/console', 'plugins/openapi'],
  cluster: ['cluster'],
  'command-line': ['adapters/command-line'],
  documents: ['documents'],
  domain: ['domain'],
  faults: ['faults', 'kill'],
  hostile: ['hostile'],
  ledger: ['adapters/ledger'],
  live: ['feed', 'resilience'],
  monitoring: ['monitoring'],
  plugins: [
    'plugins/browser',
    'plugins/configuration',
    'plugins/drain',
    'plugins/errors',
    'plugins/feed',
    'plugins/idempotency',
    'plugins/lease-locks',
    'plugins/ledger',
    'plugins/load-shedding',
    'plugins/metrics',
    'plugins/preconditions',
    'plugins/rate-limit',
    'plugins/sync-scheduler',
    'plugins/wal-store'
  ],
  routes: ['routes', 'openapi', 'client'],
  snapshots: ['adapters/snapshots'],
  'wal-faults': ['adapters/wal-faults']
} satisfies Readonly<Record<string, readonly string[]>>
