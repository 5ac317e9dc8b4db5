import { Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import { httpUrl, keyValue } from '../options/arguments.ts'
import { withNetworkOptions } from '../options/network-options.ts'
import type { ApplyFlags, ControlFlags, ExplainFlags } from './faults-actions.ts'

/** Loaded only when it is needed: `--help` and the other commands need no control plane. */
const actions = () => import('./faults-actions.ts')

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
    ).action(async (flags: ControlFlags) => (await actions()).list(flags)),
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
    ).action(async (sources: string[], flags: ApplyFlags) => (await actions()).apply(sources, flags)),
  )
  command.addCommand(
    withTarget(
      new Command('clear')
        .description('End all faults (rules, presets and the timeline), or only the named ones.')
        .argument('[rule or preset...]', 'ids of rules and names of presets (default: all)'),
    ).action(async (names: string[], flags: ControlFlags) => (await actions()).clear(names, flags)),
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
    ).action(async (flags: ExplainFlags) => (await actions()).explain(flags)),
  )
  command.addCommand(
    new Command('presets')
      .description('List the presets.')
      .option('--json', 'print JSON with all rules')
      .action(async (flags: { json?: true }) => (await actions()).listPresets(flags)),
  )
  return command
}

function withTarget(command: Command): Command {
  return withNetworkOptions(command)
    .option(
      '--url <url>',
      'URL of the target, or of its control plane if that has a port of its own',
      httpUrl,
      'http://127.0.0.1:8080',
    )
    .option('--token <token>', 'control.token of the target (or LOADCELL_CONTROL_TOKEN)')
    .option('--json', 'print the response of the target as JSON')
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
