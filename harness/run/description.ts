import { randomBytes } from 'node:crypto'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { concealUrl } from '../client/address/url-credentials.ts'
import type { Plan } from '../plan/plan.ts'
import type { Environment, RunDescription } from '../results/run-result.ts'

/** Describes the run for its result. Credentials in URLs are concealed. */
export function describe(
  plan: Plan,
  {
    targetUrl,
    controlUrl,
    embedded,
    version,
  }: Pick<RunDescription, 'targetUrl' | 'embedded' | 'version'> & { controlUrl?: string | undefined },
  when: Pick<RunDescription, 'id' | 'startedAt' | 'durationMs'>,
): RunDescription {
  const { name, source, description, warmupMs, plannedMs, seed, profile, overrides, loadInWords, tags, engine } = plan
  return {
    ...when,
    scenario: name,
    source,
    description,
    warmupMs,
    plannedMs,
    seed,
    profile,
    overrides,
    load: loadInWords,
    engine,
    tags,
    targetUrl: concealUrl(targetUrl),
    ...(controlUrl !== undefined && controlUrl !== targetUrl && { controlUrl: concealUrl(controlUrl) }),
    embedded,
    targetSettings: embedded ? plan.targetSettings : {},
    version,
  }
}

/** Describes the machine that this process generates load on. */
export function environment(): Environment {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
  }
}

/** Returns a run id: short, unique and fit for a header. */
export function newRunId(name: string): string {
  return `${name.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 40)}-${randomBytes(4).toString('hex')}`
}
