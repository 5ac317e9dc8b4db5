import { Command, InvalidArgumentError } from 'commander'
import type { FaultsConfiguration } from '../contract/faults/configuration.ts'
import { type Preset, presets } from '../contract/faults/presets.ts'
import type { FaultsExplanation, FaultsReport, TimelineReport } from '../contract/faults/report.ts'
import { systemClock } from '../core/clock.ts'
import { parseDuration } from '../core/duration.ts'
import { nearest } from '../core/nearest.ts'
import { ControlPlane, type ControlPlaneOptions } from '../harness/control/control-plane.ts'
import { sendTo } from './control-errors.ts'
import { besides, readPlan, withTtl } from './faults-plan.ts'
import { explanationLines, presetsTable, rulesTable, timelineLines } from './faults-tables.ts'
import { httpUrl, keyValue } from './arguments.ts'
import { InputError } from './input-error.ts'

interface ControlFlags {
  url: string
  token?: string
  json?: true
}

interface ApplyFlags extends ControlFlags {
  ttl?: string
  add?: true
}

interface ExplainFlags extends ControlFlags {
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

export function faultsCommand(): Command {
  const command = new Command('faults').description(
    'Inject faults into a running target, to make it slow, unreliable or small, and see what was injected.',
  )
  command.addHelpText(
    'after',
    `
A rule says which exchanges it matches, what share of them it affects, and with which fault:
  {id: slow, match: {operation: orders.*}, share: 0.3, fault: {type: delay, distribution: 200ms}}

Examples:
  loadcell faults presets                            list the presets
  loadcell faults apply brownout --ttl 5m            apply a preset that ends by itself
  loadcell faults apply rules.yaml --add             add rules to those that are on
  loadcell faults list                               compare configured with observed
  loadcell faults explain --path /products/1 --key k say what happens to one request, and why
  loadcell faults clear brownout.slow                end one rule, or a preset by its name
  loadcell faults clear                              end all faults

docs/faults.md shows every fault. All commands take --json, and all but presets take --url and --token of the target.`,
  )
  command.addCommand(
    withTarget(
      new Command('list').description(
        'List the rules that are on: configured and observed share, planned and actual delay.',
      ),
    ).action((flags: ControlFlags) => list(flags)),
  )
  command.addCommand(
    withTarget(
      new Command('apply')
        .description('Replace all rules and presets that are on by these presets, rules or timeline.')
        .argument(
          '<preset or file...>',
          'presets by name; files (YAML or JSON) with a rule, rules, {rules, presets, timeline} or {phases}, as in docs/faults.md',
        )
        .option(
          '--ttl <duration>',
          'end the rules by themselves after this time, e.g. 5m; not for a timeline',
          duration,
        )
        .option('--add', 'keep the rules that are on; a rule with the same id is replaced'),
    ).action((sources: string[], flags: ApplyFlags) => apply(sources, flags)),
  )
  command.addCommand(
    withTarget(
      new Command('clear')
        .description('End all faults (rules, presets and the timeline), or only the named ones.')
        .argument('[rule or preset...]', 'ids of rules and names of presets (default: all)'),
    ).action((names: string[], flags: ControlFlags) => clear(names, flags)),
  )
  command.addCommand(
    withTarget(
      new Command('explain')
        .description('Say what would happen to one request, and why. The request is not sent.')
        .option('--operation <name>', 'operation, e.g. products.get (default: that of the path)')
        .option('--path <path>', 'path, e.g. /api/v1/products/17')
        .option('--method <method>', 'method (default: that of the operation, or GET)')
        .option('--key <key>', 'X-Loadcell-Exchange, Idempotency-Key or traceparent id of the request')
        .option(
          '--arrival <ordinal>',
          'for a request without a key: its number among those of its operation, from 0 (default: 0)',
          ordinal,
        )
        .option('--header <name=value>', 'header, also as "name: value"; may be repeated', header, {})
        .option('--client <id>', 'client that the token names')
        .option('--user <email>', 'user that the token names')
        .option('--region <name>', 'region of a consumer of streams')
        .option('--channel <name>', 'stream, room, topic, symbol or document of a message'),
    ).action((flags: ExplainFlags) => explain(flags)),
  )
  command.addCommand(
    new Command('presets')
      .description('List the presets.')
      .option('--json', 'print JSON with all rules')
      .action((flags: { json?: true }) => listPresets(flags)),
  )
  return command
}

function withTarget(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'URL of the target, or of its control plane if that has a port of its own',
      httpUrl,
      'http://127.0.0.1:8080',
    )
    .option('--token <token>', 'control.token of the target (or LOADCELL_CONTROL_TOKEN)')
    .option('--json', 'print the response of the target as JSON')
}

async function list({ json, ...flags }: ControlFlags): Promise<void> {
  const send = senderOf(flags)
  await show(send, await send<FaultsReport>('GET', 'faults'), json)
}

async function apply(sources: string[], { ttl, add, json, ...flags }: ApplyFlags): Promise<void> {
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

async function clear(names: readonly string[], { json, ...flags }: ControlFlags): Promise<void> {
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

async function explain({ json, url, token, arrival, key, header, ...request }: ExplainFlags): Promise<void> {
  const asked = {
    ...request,
    headers: header,
    ...(key !== undefined ? { key } : arrival !== undefined && { key: arrival }),
  }
  const explanation = await senderOf({ url, token })<FaultsExplanation>('POST', 'faults/explain', asked)
  if (json) print(explanation)
  else write(explanationLines(explanation))
}

function listPresets({ json }: { json?: true }): void {
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

/** Accepts `=` or `:` after the name, because the name of a header contains neither. */
function header(text: string, previous: Record<string, string>): Record<string, string> {
  return keyValue(text.replace(/^([^:=]+):\s*/, '$1='), previous)
}

function duration(text: string): string {
  try {
    parseDuration(text)
    return text
  } catch {
    const unit = /^[\d.]+$/.test(text) ? ` (the unit is missing: ${text}s or ${text}m?)` : ''
    throw new InvalidArgumentError(`expected a duration such as 30s or 5m, got ${JSON.stringify(text)}${unit}`)
  }
}

function ordinal(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError(`expected an ordinal from 0, got ${JSON.stringify(text)}`)
}

/** A person waits longer than a run does, and tries again. */
const CONTROL_LIMITS: Partial<ControlPlaneOptions> = { answerWithinMs: 10_000, attempts: 1 }

type ControlSender = <T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<T>

/** Returns a function that sends requests to the control plane that the flags name. */
function senderOf({ url, token }: { url: string; token?: string | undefined }): ControlSender {
  const controlToken = token ?? process.env['LOADCELL_CONTROL_TOKEN']
  const control = new ControlPlane({ targetUrl: url, controlToken, ...CONTROL_LIMITS })
  return (method, path, body) => sendTo(control, url, method, `/${path}`, body)
}

function print(value: unknown): void {
  write([JSON.stringify(value, null, 2)])
}

function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
