import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'

t.test('the variables of OpenTelemetry say whether and where spans go', async (t) => {
  const of = (name: string, value: string, more = {}) =>
    loadConfiguration({ [`OTEL_${name}`]: value, ...more }).tracing
  const otlp = { exporter: 'otlp', protocol: 'http/protobuf' }
  t.equal(loadConfiguration({ OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'no such' }).tracing, undefined)
  t.strictSame(of('TRACES_EXPORTER', 'otlp'), { ...otlp, url: 'http://localhost:4318/v1/traces' })
  t.strictSame(of('EXPORTER_OTLP_ENDPOINT', 'https://c/otel/'), { ...otlp, url: 'https://c/otel/v1/traces' })
  const json = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  const own = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere', ...json }
  t.strictSame(of('EXPORTER_OTLP_TRACES_ENDPOINT', 'http://c/all', own), {
    exporter: 'otlp',
    protocol: 'http/json',
    url: 'http://c/all'
  })
  t.match(of('EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf', own), otlp)
  t.strictSame(of('TRACES_EXPORTER', 'console', own), { exporter: 'console' })
  t.equal(of('TRACES_EXPORTER', 'none', own), undefined)
  t.equal(of('SDK_DISABLED', 'True', own), undefined)
  for (const [name, value, allowed] of [
    ['TRACES_EXPORTER', 'zipkin', 'otlp, console, none'],
    ['EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf, http/json'],
    ['EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', 'http/protobuf, http/json'],
    ['EXPORTER_OTLP_ENDPOINT', 'ftp://a:secret@c', 'a URL'],
    ['EXPORTER_OTLP_TRACES_ENDPOINT', 'collector:4318', 'a URL'],
    ['SDK_DISABLED', 'yes', 'true, false']
  ] as const) {
    const refused = new RegExp(`^OTEL_${name} is (?!.*secret).*allowed is ${allowed}`)
    t.throws(() => of(name, value), { message: refused })
  }
})
