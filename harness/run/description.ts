import { randomBytes } from 'node:crypto'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { concealUrl } from '../client/address/url-credentials.ts'
import { placeOf } from '../client/engine/place.ts'
import type { Plan } from '../plan/plan.ts'
import { recordedVariables } from '../scenario/given-variables.ts'
import type { ConnectionDescription, Environment, RunDescription } from '../results/run-result.ts'

/** Describes the run for its result. Credentials in URLs are concealed. */
export function describe(
  plan: Plan,
  {
    targetUrl,
    controlUrl,
    embedded,
    version,
    places = [],
  }: Pick<RunDescription, 'targetUrl' | 'embedded' | 'version'> & {
    controlUrl?: string | undefined
    places?: readonly string[]
  },
  when: Pick<RunDescription, 'id' | 'startedAt' | 'durationMs'>,
): RunDescription {
  const { name, source, description, warmupMs, plannedMs, seed, profile, overrides, loadInWords, tags } = plan
  const { engine, variables } = plan
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
    ...recordedVariables(variables),
    targetUrl: concealUrl(targetUrl),
    ...(plan.hosts.length > 0 && { hosts: plan.hosts.map(({ name, url }) => ({ name, url: concealUrl(url) })) }),
    ...(controlUrl !== undefined && controlUrl !== targetUrl && { controlUrl: concealUrl(controlUrl) }),
    embedded,
    ...(places.length > 0 && { places: [...places] }),
    ...describeNetwork(plan, targetUrl),
    targetSettings: embedded ? plan.targetSettings : {},
    version,
  }
}

/** Describes how a target is reached, for results. */
export function describeNetwork(
  { network: { tls, proxies } }: Plan,
  targetUrl: string,
): Pick<ConnectionDescription, 'insecure' | 'proxy'> {
  const origin = URL.parse(targetUrl)?.origin
  const place = origin === undefined ? undefined : placeOf(origin)
  const proxy = place && proxies?.find(place.host, place.port, place.isSecure)
  return { ...(tls?.insecure && { insecure: true }), ...(proxy !== undefined && { proxy: proxy.shown }) }
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
