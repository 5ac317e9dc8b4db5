import type { Clock } from '../../core/clock.ts'
import { environment } from '../../harness/run/description.ts'
import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import type { HarnessCheckSize } from './bench.ts'
import { certificateOf, certified, type CertifiedSubject, type HarnessCertificate } from './certificate.ts'
import { checkedTwice } from './second-measurement.ts'
import type { Subject } from './subject.ts'
import { harnessTargetSettings } from './target-settings.ts'

export interface HarnessCalibrationOptions {
  clock: Clock
  seed: number
  version: string
  engine: EngineName
  size: HarnessCheckSize
  subjects: readonly Subject[]
  /** Calls `use` with a target that was started for it with these settings and the seed. */
  withTarget: <T>(settings: Record<string, string>, use: (targetUrl: string) => Promise<T>) => Promise<T>
  /** Called before each subject. */
  onSubject?: (subject: Subject) => void
}

/** At this level, all of about a hundred intervals contain the true value in 99 of 100 calibrations. */
const LEVEL = 0.9999

/** Checks each subject, one after another, at one target. */
export async function calibrateHarness(options: HarnessCalibrationOptions): Promise<HarnessCertificate> {
  const { clock, seed, version, engine, size, subjects, withTarget, onSubject = () => {} } = options
  const [startedAt, startedAfter] = [clock.wallTime(), clock.now()]
  const checked = await withTarget(harnessTargetSettings, async targetUrl => {
    const bench = { clock, seed, version, engine, size, targetUrl, level: LEVEL }
    const results: CertifiedSubject[] = []
    for (const subject of subjects) {
      onSubject(subject)
      const { name, title, question, method } = subject
      const begunAt = clock.now()
      const { rows, additions = [] } = await (size === 'quick' ? checkedTwice(subject, bench) : subject.check(bench))
      const durationMs = clock.now() - begunAt
      results.push({ name, title, question, method, durationMs, additions, rows: rows.map(certified) })
    }
    return results
  })
  const durationMs = clock.now() - startedAfter
  const context = { version, engine, environment: environment(), seed, size, level: LEVEL, startedAt, durationMs }
  return certificateOf(context, checked)
}
