import type { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import { type Preset, presets } from '../../contract/faults/presets.ts'
import type { FaultsExplanation, FaultsReport, TimelineReport } from '../../contract/faults/report.ts'
import { systemClock } from '../../core/clock.ts'
import { nearest } from '../../core/nearest.ts'
import { ControlPlane, type ControlPlaneOptions } from '../../harness/control/control-plane.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { sendTo } from '../process/control-errors.ts'
import { besides, readPlan, withTtl } from '../options/faults-plan.ts'
import { explanationLines, presetsTable, rulesTable, timelineLines } from './faults-tables.ts'
import { InputError } from '../process/input-error.ts'
import { networkOf } from '../options/network.ts'

export interface ControlFlags extends NetworkFlags {
  url: string
  token?: string
  json?: true
}

export interface ApplyFlags extends ControlFlags {
  ttl?: string
  add?: true
}

export interface ExplainFlags extends ControlFlags {
  operation?: string
  path?: string
  method?: string
  key?: string
  arrival?: number
  header: Record<string, string>
  client?: string
  user?: string
  region?: string
  channel?: string
}

export async function list({ json, ...flags }: ControlFlags): Promise<void> {
  const send = senderOf(flags)
  await show(send, await send<FaultsReport>('GET', 'faults'), json)
}

export async function apply(sources: string[], { ttl, add, json, ...flags }: ApplyFlags): Promise<void> {
  const send = senderOf(flags)
  const read = readPlan(sources)
  let plan = ttl === undefined ? read : withTtl(read, ttl)
  if (add) {
    const { faults } = await send<{ faults: FaultsConfiguration }>('GET', 'config')
    plan = besides(plan, faults)
  }
  const { rules, presets: names, timeline } = plan
  // A file with only a timeline says nothing about the current rules, so they stay.
  if (rules.length > 0 || names.length > 0 || timeline === undefined)
    // One request for everything: if it is refused, nothing has changed.
    await send('PUT', 'faults', { rules, presets: names, timeline })
  else await send('PUT', 'timeline', timeline)
  await show(send, await send<FaultsReport>('GET', 'faults'), json)
}

export async function clear(names: readonly string[], { json, ...flags }: ControlFlags): Promise<void> {
  const send = senderOf(flags)
  if (names.length > 0) assertOn(await send<FaultsReport>('GET', 'faults'), names)
  let report: FaultsReport | undefined
  for (const name of new Set(names)) report = await send('DELETE', `faults/${encodeURIComponent(name)}`)
  report ??= await send<FaultsReport>('DELETE', 'faults')
  await show(send, report, json)
}

/** Checks that all names are active, before any is removed. @throws InputError */
function assertOn({ rules, presets: names }: FaultsReport, asked: readonly string[]): void {
  const there = [...names, ...rules.filter(({ source }) => source === 'rules').map(({ rule }) => rule.id)]
  for (const name of asked) {
    if (there.includes(name)) continue
    if (rules.some(({ rule }) => rule.id === name)) {
      throw new InputError(
        `${name} is a rule of the timeline`,
        '`loadcell faults clear` ends the timeline, with all other faults.',
      )
    }
    const meant = nearest(name, there)
    throw new InputError(
      `no rule or preset ${JSON.stringify(name)} is on${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      there.length === 0 ? 'No rule or preset is on.' : `There are ${there.join(', ')}.`,
    )
  }
}

export async function explain(flags: ExplainFlags): Promise<void> {
  // This key is that of the exchange, not of a certificate.
  const { key, ...others } = flags
  const { json, arrival, header, operation, path, method, client, user, region, channel } = others
  const asked = {
    operation,
    path,
    method,
    client,
    user,
    region,
    channel,
    headers: header,
    ...(key !== undefined ? { key } : arrival !== undefined && { key: arrival }),
  }
  const explanation = await senderOf(others)<FaultsExplanation>('POST', 'faults/explain', asked)
  if (json) print(explanation)
  else write(explanationLines(explanation))
}

export function listPresets({ json }: { json?: true }): void {
  const all = Object.entries(presets).map(([name, preset]: [string, Preset]) => ({ name, ...preset }))
  if (json) print(all)
  else write([...presetsTable(all), '', 'loadcell faults apply <preset> applies one; with --ttl 5m it ends by itself.'])
}

async function show(send: ControlSender, report: FaultsReport, json: true | undefined): Promise<void> {
  if (json) return print(report)
  const timeline = await send<TimelineReport>('GET', 'timeline')
  const now = systemClock.wallTime()
  write([...rulesTable(report, now), ...timelineLines(timeline, now)])
}

/** A person waits longer than a run does, and tries again. */
const CONTROL_LIMITS: Partial<ControlPlaneOptions> = { answerWithinMs: 10_000, attempts: 1 }

type ControlSender = <T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<T>

/** Returns a function that sends requests to the control plane that the flags name. */
function senderOf({ url, token, ...flags }: ControlFlags): ControlSender {
  const controlToken = token ?? process.env['LOADCELL_CONTROL_TOKEN']
  const control = new ControlPlane({ targetUrl: url, controlToken, network: networkOf(flags), ...CONTROL_LIMITS })
  return (method, path, body) => sendTo(control, url, method, `/${path}`, body)
}

function print(value: unknown): void {
  write([JSON.stringify(value, null, 2)])
}

function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
