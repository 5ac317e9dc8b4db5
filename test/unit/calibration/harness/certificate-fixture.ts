import { checkRow, exactRow, judged } from '../../../../calibration/check-row.ts'
import {
  certificateOf,
  certified,
  type CertifiedSubject,
  type HarnessCertificate,
} from '../../../../calibration/harness/certificate.ts'

const interval = { level: 0.9999, low: 60, high: 65 }
export const withinRow = checkRow('HTTP: p50', 'ms', { theory: 62, observed: 62.5, interval })
export const unboundedRow = checkRow('HTTP: p99', 'ms', {
  theory: 150,
  observed: 149,
  interval: { ...interval, high: Number.POSITIVE_INFINITY },
})
export const outsideRow = exactRow('executor <b>constant-vus</b>: counts that differ', 0, 3)
export const invalidRow = judged(
  checkRow('HTTP: p75', 'ms', { theory: 50, observed: 62.5, interval }),
  'timers beside the harness were late by 80.0 ms at p99',
)

function subject(name: string, rows: CertifiedSubject['rows']): CertifiedSubject {
  const title = name[0]!.toUpperCase() + name.slice(1)
  return {
    name,
    title,
    question: `Is ${name} right?`,
    method: 'It is compared.',
    durationMs: 1500,
    additions: [],
    rows,
  }
}

/** Returns a certificate with these rows. */
export function certificate(...rows: Parameters<typeof certified>[0][]): HarnessCertificate {
  const additions = [{ to: 'HTTP, service time', medianMs: 0.21, p99Ms: 1.4, count: 240 }]
  return certificateOf(
    {
      version: '1.2.3',
      engine: 'lean',
      environment: { node: 'v24.0.0', platform: 'linux x64', cpuModel: 'A <fast> CPU', cpuCount: 2, memoryBytes: 8e9 },
      seed: 7,
      size: 'quick',
      level: 0.9999,
      startedAt: 1_700_000_000_000,
      durationMs: 25_300,
    },
    [
      { ...subject('latency', rows.map(certified)), additions },
      subject('defects', [certified(exactRow('one request in a hundred is lost: noticed by counts', 1, 1))]),
    ],
  )
}
