import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../../../harness/export/otlp/environment.ts'

describe('readEnvironment', () => {
  it('has the defaults of the standard, except for a shorter interval and finer histograms', () => {
    const defaults = {
      protocol: 'http/protobuf',
      url: 'http://localhost:4318/v1/metrics',
      intervalMs: 10_000,
      timeoutMs: 10_000,
      resource: { 'service.name': 'loadcell' },
      histograms: 'exponential',
    }
    expect(readEnvironment({})).toEqual(defaults)
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_METRIC_EXPORT_INTERVAL: '' })).toEqual(defaults)
  })

  it('prefers the variables of metrics to those of all signals', () => {
    expect(
      readEnvironment({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics:9090/api/v1/otlp/v1/metrics',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '1',
        OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '2000',
      }),
    ).toMatchObject({ url: 'http://metrics:9090/api/v1/otlp/v1/metrics', protocol: 'http/json', timeoutMs: 2000 })
  })

  it.each([
    ['http://collector:4318', 'http://collector:4318/v1/metrics'],
    ['http://collector:4318/', 'http://collector:4318/v1/metrics'],
    ['https://collector/prefix', 'https://collector/prefix/v1/metrics'],
  ])('adds the path of metrics to the endpoint %s', (endpoint, url) => {
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).url).toBe(url)
  })

  it('reads the resource, whose service is that of OTEL_SERVICE_NAME', () => {
    const attributes = 'service.name=shop, deployment.environment.name=staging%2C%20eu,empty='
    const read = (env: NodeJS.ProcessEnv) => readEnvironment({ OTEL_RESOURCE_ATTRIBUTES: attributes, ...env }).resource
    const others = { 'deployment.environment.name': 'staging, eu', empty: '' }
    expect(read({})).toEqual({ 'service.name': 'shop', ...others })
    expect(read({ OTEL_SERVICE_NAME: 'load test' })).toEqual({ 'service.name': 'load test', ...others })
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'expected http/protobuf or http/json'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'expected the URL of a collector'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'nonsense', 'expected the URL of a collector'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '10s', 'expected a number of milliseconds above 0, got "10s"'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'expected a number of milliseconds above 0'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'delta', 'expected cumulative'],
    [
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
      'fine',
      'expected base2_exponential_bucket_histogram or',
    ],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'expected keys and values'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=%E0%A4%A', 'expected keys and values'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(`${name}: ${message}`)
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization Bearer hush-hush'],
    ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'authorization=Bearer%2hush-hush'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://user:hush-hush@collector'],
  ])('shows no secret of %s', (name, value) => {
    let message = ''
    try {
      readEnvironment({ [name]: value })
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(name)
    expect(message).not.toContain('hush')
  })
})
