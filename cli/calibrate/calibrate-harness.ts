import { calibrateHarness as calibrate } from '../../calibration/harness/calibration.ts'
import type { CertifiedSubject } from '../../calibration/harness/certificate.ts'
import { certificateMarkdown } from '../../calibration/harness/certificate-markdown.ts'
import { renderCertificate } from '../../calibration/harness/html/page.ts'
import type { Subject } from '../../calibration/harness/subject.ts'
import { subjects } from '../../calibration/harness/subjects.ts'
import { certificateLines, subjectLines } from '../../calibration/harness/summary.ts'
import { systemClock } from '../../core/clock.ts'
import { DEFAULT_ENGINE, type EngineName } from '../../harness/client/engine/engine-names.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { withEmbeddedTarget } from '../target/embedded-target.ts'
import { MarkedDocument } from './marked-document.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { PageFile } from '../output/page-file.ts'
import { untilInterrupted } from './until-interrupted.ts'

export interface CalibrateHarnessOptions {
  seed: number
  quick?: true
  /** Subjects to check; all if there are none. */
  subject: Subject['name'][]
  engine?: EngineName
  /** Files for the certificate, which must be new. */
  json?: string
  html?: string
  /** File whose text between the calibration markers is replaced by the certificate. */
  write?: string
}

/** @returns the exit code. @throws InputError */
export async function calibrateHarness(
  { seed, quick, subject, engine = DEFAULT_ENGINE, json, html, write }: CalibrateHarnessOptions,
  version: string,
  interrupts: Interrupts,
): Promise<number> {
  const document = write === undefined ? undefined : new MarkedDocument(write)
  const data = json === undefined ? undefined : PageFile.claim(json, '--json')
  const page = html === undefined ? undefined : PageFile.claim(html)
  const certificate = await untilInterrupted(interrupts, {
    part: 'subject',
    linesOf: (parts: readonly CertifiedSubject[]) => parts.flatMap(subjectLines),
    measure: (stop, keep) =>
      calibrate({
        clock: systemClock,
        seed,
        version,
        engine,
        size: quick ? 'quick' : 'full',
        subjects: subjects.filter(({ name }) => subject.length === 0 || subject.includes(name)),
        onSubject: ({ title }) => process.stderr.write(`${title} …\n`),
        onChecked: keep,
        stop,
        withTarget: (settings, use) => withEmbeddedTarget({ ...settings, seed: String(seed) }, use, stop),
      }),
  })
  process.stdout.write(`${certificateLines(certificate).join('\n')}\n`)
  document?.write(certificateMarkdown(certificate))
  data?.write(`${JSON.stringify(certificate, null, 2)}\n`)
  page?.write(renderCertificate(certificate))
  const { outside, invalid } = certificate.counts
  // A build on a busy machine must not fail for that; a certificate must be complete.
  return outside > 0 || (invalid > 0 && !quick) ? exitCodes.invalidRun : exitCodes.ok
}
