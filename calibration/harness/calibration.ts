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
  /** Called with each subject when it is complete. */
  onChecked?: (subject: CertifiedSubject) => void
  stop?: AbortSignal
}

/** At this level, all of about a hundred intervals contain the true value in 99 of 100 calibrations. */
const LEVEL = 0.9999

/** Checks each subject, one after another, at one target. @throws the reason of `stop` when it aborts before the last is complete. */
export async function calibrateHarness(options: HarnessCalibrationOptions): Promise<HarnessCertificate> {
  const { clock, seed, version, engine, size, subjects, withTarget, onSubject = () => {} } = options
  const { onChecked = () => {}, stop } = options
  const [startedAt, startedAfter] = [clock.wallTime(), clock.now()]
  const checked = await withTarget(harnessTargetSettings, async targetUrl => {
    const bench = { clock, seed, version, engine, size, targetUrl, level: LEVEL, ...(stop && { stop }) }
    const results: CertifiedSubject[] = []
    for (const subject of subjects) {
      stop?.throwIfAborted()
      onSubject(subject)
      const { name, title, question, method } = subject
      const begunAt = clock.now()
      const { rows, additions = [] } = await (size === 'quick' ? checkedTwice(subject, bench) : subject.check(bench))
      const durationMs = clock.now() - begunAt
      const checked = { name, title, question, method, durationMs, additions, rows: rows.map(certified) }
      onChecked(checked)
      results.push(checked)
    }
    return results
  })
  const durationMs = clock.now() - startedAfter
  const context = { version, engine, environment: environment(), seed, size, level: LEVEL, startedAt, durationMs }
  return certificateOf(context, checked)
}
