import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** A request of OTLP in JSON, as far as tests read it. */
export interface MetricsRequest {
  resourceMetrics: {
    resource: { attributes: KeyValue[] }
    scopeMetrics: { scope: { name: string }; metrics: OtlpMetric[] }[]
  }[]
}

interface KeyValue {
  key: string
  value: { stringValue?: string }
}

export interface OtlpMetric {
  name: string
  unit: string
  sum?: { dataPoints: NumberPoint[]; isMonotonic: boolean }
  gauge?: { dataPoints: NumberPoint[] }
  exponentialHistogram?: { dataPoints: (HistogramPoint & { positive: { bucketCounts: (number | string)[] } })[] }
  histogram?: { dataPoints: HistogramPoint[] }
}

interface NumberPoint {
  attributes: KeyValue[]
  asDouble?: number
  asInt?: number | string
}

interface HistogramPoint {
  attributes: KeyValue[]
  count: number | string
  sum: number
  min?: number
  max?: number
}

export interface Collector {
  url: string
  requests: { url: string; headers: IncomingHttpHeaders; body: Buffer }[]
}

/** A collector that keeps what it receives and answers as told; closed when the file's tests are over. */
export async function startCollector(
  answer: (response: ServerResponse, ordinal: number) => void = response => response.end('{}'),
): Promise<Collector> {
  const requests: Collector['requests'] = []
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      requests.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      response.setHeader('content-type', 'application/json')
      answer(response, requests.length)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** Returns attributes as an object. */
export function attributesOf(attributes: readonly KeyValue[]): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))
}
