/** Imports point one way only: routes → plugins → domain ← adapters. See ARCHITECTURE.md. */
const production = '^(app\\.ts|server\\.ts|domain/|adapters/|plugins/|routes/)'
// What wal-store offers to other applications is the adapter itself.
const wiring = '^plugins/([^/]+/index|wal-store/[^/]+)\\.ts$'
const shared = '^plugins/(errors|schemas)(/|\\.ts$)'

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-circular', 'Parts that need each other are one part.', {}, { circular: true }),
    forbid(
      'domain-is-pure',
      'The domain decides. It knows itself, immutable and sorted-btree, nothing else: no Node, no Fastify.',
      { path: '^domain/' },
      { pathNot: ['^domain/', '(^|/)node_modules/(immutable|sorted-btree)/'] }
    ),
    forbid(
      'adapters-know-no-http',
      'An adapter implements a port of the domain. It knows neither Fastify’s plugins nor who calls it.',
      { path: '^adapters/', pathNot: '^adapters/command-line/' },
      { path: '^(plugins/|routes/|openapi/|app\\.ts$|server\\.ts$)' }
    ),
    forbid(
      'command-line-drives-the-app',
      'The command line is a driving adapter: it may start app.ts and server.ts, but not reach behind them. The words of the contract (schemas) are everybody’s, and where the ledger is has to be the same for all commands.',
      { path: '^adapters/command-line/' },
      {
        path: '^(plugins/(?!schemas/|configuration/(ledger-location|environment-file)\\.ts$)|routes/|openapi/)'
      }
    ),
    forbid(
      'plugins-know-ports-only',
      'A plugin takes its store or ledger as an option; only index.ts, this app’s wiring, chooses an adapter.',
      { path: '^plugins/', pathNot: wiring },
      { path: '^adapters/' }
    ),
    forbid(
      'plugins-know-no-caller',
      'Plugins add to the app; they do not know its routes or how it starts.',
      { path: '^plugins/' },
      { path: '^(routes/|openapi/.*\\.ts$|app\\.ts$|server\\.ts$)' }
    ),
    forbid(
      'one-concern-per-plugin',
      'Concerns meet through decorators. From another concern’s folder import types only (errors and schemas are free).',
      { path: '^plugins/([^/]+)/', pathNot: wiring },
      { path: '^plugins/', pathNot: ['^plugins/$1/', shared], dependencyTypesNot: ['type-only'] }
    ),
    forbid(
      'routes-call-decorators',
      'A route parses, calls one decorator and answers. What it needs from an adapter, a plugin decorates.',
      { path: '^routes/' },
      { path: '^(adapters/|openapi/.*\\.ts$|app\\.ts$|server\\.ts$)' }
    ),
    forbid(
      'routes-take-domain-types-only',
      'No rule about stock lives in a route: import type.',
      { path: '^routes/' },
      { path: '^domain/', dependencyTypesNot: ['type-only'] }
    ),
    forbid(
      'routes-do-no-io',
      'A route answers from decorators; files, sockets, processes and clocks are for adapters.',
      { path: '^routes/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?(stream|events|timers|util|url)(/|$)' }
    ),
    forbid(
      'app-starts-nothing',
      'app.ts is the service as one plugin; server.ts is the only one that listens.',
      { path: '^app\\.ts$' },
      { path: '^(server\\.ts$|openapi/.*\\.ts$)' }
    ),
    forbid(
      'not-to-test',
      'What is shipped does not need the tests.',
      { pathNot: '^test/' },
      { path: '^test/' }
    ),
    forbid(
      'not-to-dev-dep',
      'What is shipped runs after npm ci --omit=dev.',
      { path: production },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] }
    ),
    forbid(
      'not-to-unlisted',
      'Every imported package is named in package.json.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }
    ),
    forbid('not-to-unresolvable', 'The imported module does not exist.', {}, { couldNotResolve: true }),
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file and it imports nobody: is it used?',
      severity: 'warn',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^[^/]+\\.(js|cjs)$'] },
      to: {}
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.tap|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types']
    }
  }
}
