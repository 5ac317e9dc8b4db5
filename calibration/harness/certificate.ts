import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import type { Environment } from '../../harness/results/run-result.ts'
import type { CheckRow, CheckState } from '../check-row.ts'
import type { HarnessCheckSize } from './bench.ts'
import type { Addition } from './subject.ts'

/** The result of `loadcell calibrate harness`: whether the harness measures correctly, on which machine, and how exactly. Times are ms. */
export interface HarnessCertificate {
  format: 'loadcell.harness-calibration/1'
  verdict: CertificateVerdict
  /** Version of the harness and of the target. */
  version: string
  engine: EngineName
  environment: Environment
  seed: number
  size: HarnessCheckSize
  /** Level of each statistical interval. */
  level: number
  /** Wall time. */
  startedAt: number
  durationMs: number
  counts: Record<CheckState, number>
  subjects: CertifiedSubject[]
}

/**
 * `calibrated`: every row is within its interval. `unproven`: none is outside, but some are invalid, because the machine was too
 * busy. `deviating`: at least one is outside.
 */
export type CertificateVerdict = 'calibrated' | 'unproven' | 'deviating'

export interface CertifiedSubject {
  name: string
  title: string
  question: string
  method: string
  durationMs: number
  /** Times that the harness adds in this subject: the resolution of the instrument. */
  additions: Addition[]
  rows: CertifiedRow[]
}

/** An observed value compared with the value that it should have. */
export interface CertifiedRow extends Omit<CheckRow, 'interval'> {
  /**
   * Interval around the observed value that contains the true value with the probability `level`. Level 1: no chance is involved.
   * `high` is null if it has no upper end.
   */
  interval: { level: number; low: number; high: number | null }
}

/** The circumstances of a calibration. */
export type CertificateContext = Pick<
  HarnessCertificate,
  'version' | 'engine' | 'environment' | 'seed' | 'size' | 'level' | 'startedAt' | 'durationMs'
>

export function certificateOf(context: CertificateContext, subjects: CertifiedSubject[]): HarnessCertificate {
  const { version, engine, environment, seed, size, level, startedAt, durationMs } = context
  const states = subjects.flatMap(({ rows }) => rows.map(({ state }) => state))
  const count = (wanted: CheckState) => states.filter(state => state === wanted).length
  const counts = { within: count('within'), outside: count('outside'), invalid: count('invalid') }
  const verdict = counts.outside > 0 ? 'deviating' : counts.invalid > 0 ? 'unproven' : 'calibrated'
  return {
    format: 'loadcell.harness-calibration/1',
    verdict,
    version,
    engine,
    environment,
    seed,
    size,
    level,
    startedAt,
    durationMs,
    counts,
    subjects,
  }
}

/** Returns a row as JSON can hold it. */
export function certified({ interval: { level, low, high }, ...row }: CheckRow): CertifiedRow {
  return { ...row, interval: { level, low, high: Number.isFinite(high) ? high : null } }
}
