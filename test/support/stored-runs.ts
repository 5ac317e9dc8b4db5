import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { normalQuantile } from '../../core/normal.ts'
import { random } from '../../core/random.ts'
import { withoutReadings } from '../../harness/metrics/series.ts'
import { Snapshot } from '../../harness/metrics/snapshot.ts'
import type { StoredResult, StoredSecond } from '../../harness/comparison/compared-run.ts'

export interface StoredRunOptions {
  id: string
  /** Median response time of each name. */
  medians?: Record<string, number>
  /** Standard deviation of the median between runs, relative. */
  deviation?: number
  failed?: number
  requests?: number
  /** Days after the first run. */
  day?: number
  tags?: Record<string, string>
  /** Number of seconds in the timeline; none without. */
  seconds?: number
}

/** Returns the parts of a run's result that comparisons read, with simulated requests. The id decides the noise. */
export function storedRun({
  id,
  medians = { '/orders': 10, '/products': 5 },
  deviation = 0.01,
  failed = 0,
  requests = 400,
  day = 0,
  tags = {},
  seconds,
}: StoredRunOptions): StoredResult & { format: string } {
  const snapshot = new Snapshot()
  for (const [name, median] of Object.entries(medians)) {
    const chance = random(id).fork(name)
    const normal = () => normalQuantile(chance.next() + 2 ** -33)
    const ofThisRun = median * Math.exp(deviation * normal())
    const tags = { method: 'GET', name, status: '200' }
    for (let request = 0; request < requests; request++) {
      snapshot.value('http_req_duration', tags).histogram.record(ofThisRun * Math.exp(0.3 * normal()))
      snapshot.value('http_reqs', tags).total += 1
      const rate = snapshot.value('http_req_failed', tags)
      rate.total += 1
      if (chance.next() < failed) rate.hits += 1
    }
  }
  snapshot.value('vus', {}).set(0, 3)
  return {
    format: 'loadcell.run/1',
    run: {
      id,
      scenario: 'checkout',
      source: 'checkout.ts',
      startedAt: Date.UTC(2026, 10, 20 + day, 9, 30),
      durationMs: 10_000,
      warmupMs: 3000,
      plannedMs: 10_000,
      seed: 1,
      load: '40 arrivals a second for 10s',
      tags,
      targetUrl: 'http://127.0.0.1:8080',
      embedded: true,
      targetSettings: {},
      version: '0.1.0',
    },
    environment: {
      node: 'v24.21.0',
      platform: 'linux x64',
      cpuModel: 'AMD EPYC 7B13',
      cpuCount: 2,
      memoryBytes: 25_000_000_000,
    },
    outcome: { state: 'completed', detail: 'The run went through as planned.' },
    validity: { state: 'valid', findings: [] },
    reconciliation: { state: 'unavailable', summary: 'not reconciled', rows: [] },
    series: snapshot.toJSON().series.map(withoutReadings),
    ...(seconds !== undefined && { timeline: timelineOf(id, seconds, Object.values(medians)[0] ?? 10) }),
  }
}

function timelineOf(id: string, seconds: number, medianMs: number): StoredSecond[] {
  const chance = random(id).fork('seconds')
  return Array.from({ length: seconds }, (_, second) => ({
    atMs: (second + 1) * 1000,
    requestsPerSecond: 35 + 10 * chance.next(),
    responseP95Ms: medianMs * (1.5 + chance.next()),
  }))
}

/** Writes results as `<folder>/<side>-<number>/result.json`. @returns their paths */
export function writeRuns(
  folder: string,
  side: string,
  count: number,
  options: Omit<StoredRunOptions, 'id'> = {},
): string[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${side}-${index + 1}`
    return writeRun(join(folder, id, 'result.json'), storedRun({ id, ...options }))
  })
}

export function writeRun(path: string, result: unknown): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof result === 'string' ? result : JSON.stringify(result))
  return path
}
