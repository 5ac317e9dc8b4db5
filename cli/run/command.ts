import { Command } from 'commander'
import { type Destination, parseDestination } from '../../harness/export/destination.ts'
import { exitCodesHelp } from '../../harness/results/exit-codes.ts'
import { reportFormatNames, reportFormats, summaryStyles } from '../../harness/report/format-names.ts'
import { clusterHelp, withClusterOptions } from '../options/cluster-options.ts'
import { each, integer, keyValue, oneOf, place, positive, share } from '../options/arguments.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { type RunFlags, shownParts } from './plan/run-flags.ts'
import { networkHelp } from '../options/network-options.ts'
import { readyScenarios } from '../loading/ready-scenarios.ts'
import { workerCount } from './plan/worker-count.ts'
import { withScenarioOptions } from '../options/scenario-options.ts'

export function runCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('run')
    .description(
      'Generate load: live progress, thresholds, reconciliation with the target’s ledger, a report, an exit code.',
    )
    .argument('<scenario>', `a scenario file, or one of: ${readyScenarios().join(', ')}`)
  const scenarioCommand = withScenarioOptions(command, {
    faults: 'replace the faults of the scenario during this run by a preset, rules or a timeline; may be repeated',
    only: 'run only this one of the loads of the scenario; may be repeated',
  })
  return withClusterOptions(scenarioCommand)
    .option('--vus <number>', 'peak of virtual users, for closed models', positive)
    .option('--rate <number>', 'peak of iterations per time unit, for open models', positive)
    .option(
      '--duration <duration>',
      'scale the run to this length, e.g. 30s or 2m; with --once, the time that an iteration has (10s)',
    )
    .option('--profile <name>', 'reshape the load: smoke, load, stress, spike, soak or breakpoint')
    .option(
      '--out <folder>',
      'folder for report.html and result.json (default loadcell-results/<scenario>-<time>); a number is added if it already holds a run',
    )
    .option('--tag <key=value>', 'add a tag to the result; may be repeated', keyValue, {})
    .option(
      '--place <name>',
      'where this is, such as eu-west: a tag of all samples, also for thresholds; with --cluster, of the workers that name no place',
      place,
    )
    .option(
      '--baseline <result>',
      'result.json, or the folder, of an earlier run to compare with; may be repeated',
      each(String),
      [],
    )
    .option(
      '--max-regression <limit>',
      "how much worse than the baseline a statistic may be, e.g. 'http_req_duration p(95) 5%'; may be repeated",
      each(String),
      [],
    )
    .option('--force', 'compare with a baseline of other conditions, or one that is incomplete or invalid')
    .option(
      '--threshold <metric and condition>',
      "add a threshold to those of the scenario, e.g. --threshold 'http_req_duration p(95)<200'; may be repeated",
      each(String),
      [],
    )
    .option(
      '--observe <endpoint>',
      "sample the server's own metrics each second, e.g. --observe 'prometheus=http://10.0.0.7:9100/metrics#node_load1,node_cpu_*'; may be repeated",
      each(String),
      [],
    )
    .option(
      '--report <format>',
      `write another report beside report.html and result.json: ${reportFormatNames.join(', ')}; may be repeated`,
      each(oneOf(reportFormatNames)),
      [],
    )
    .option(
      '--summary <style>',
      'what to print at the end: full (default), compact, json (stdout has nothing else) or none',
      oneOf(summaryStyles),
    )
    .option(
      '--export <destination>',
      'export the metrics while the run goes on: otlp, or prometheus[=host:port] to serve them at /metrics; may be repeated',
      each(destination),
      [],
    )
    .option(
      '--trace [share]',
      'name the trace of each request (traceparent), show those of the slowest, and ask for this share to be sampled, e.g. 0.1 (default: all)',
      share,
    )
    .option(
      '--workers <number>',
      'processes that share the load: a number, or auto (default) for as many as it needs, up to the number of cores − 1; with --cluster, its workers',
      workerCount,
    )
    .option(
      '--on-worker-loss <reaction>',
      'what to do when one of several workers dies or hangs: end (default) or continue',
      oneOf(['end', 'continue'] as const),
    )
    .option(
      '--ui',
      'serve a live page of the run, print its address, and keep it open after the end: on a terminal until Ctrl-C, elsewhere until its last viewer has left',
    )
    .option('--ui-port <port>', 'port of the live page, on 127.0.0.1 (default: a free one)', integer(1, 65_535))
    .option('--quiet', 'print the summary only, without progress')
    .option(
      '--once',
      'for writing a script: run one iteration of each kind of user, or each of its tasks, and show all requests and responses',
    )
    .option(
      '--show <part>',
      'with --once, also show all of the bodies, or the secrets, which are concealed otherwise; may be repeated',
      each(oneOf(shownParts)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  loadcell run mixed-streaming                              producers and consumers, against the embedded target
  loadcell run order-producer --rate 500 --duration 1m      an open model: 500 arrivals a second
  loadcell run my-scenario.ts --target http://127.0.0.1:8080 --profile smoke
  loadcell run flash-sale --only sale --rate 100            one of several loads, at another rate
  loadcell run shop --faults brownout                       shoppers and an overloaded service
  loadcell run account --target-set auth.tokenTtl=5s        the embedded target with tokens that live for 5 s
  loadcell run browse --baseline main/1 --baseline main/2 --max-regression 'http_req_duration p(95) 5%'
  loadcell run browse --target http://10.0.0.7 --observe prometheus=http://10.0.0.7:9100/metrics
  loadcell run my-scenario.ts --target https://10.0.0.7 --ca authority.pem --cert tester.pem --key tester.key
  loadcell run shop --report junit --report github          for a pipeline: test cases, the summary of the step, annotations
  loadcell run shop --export prometheus                     live metrics at http://127.0.0.1:9464/metrics
  loadcell run shop --trace --faults brownout               with trace ids, and the slowest requests at both ends
  loadcell run my-scenario.ts --vus 9000 --workers 4        four processes, each with a quarter of the users
  loadcell run shop --cluster nats://10.0.0.5:4222 --workers 8 --target http://10.0.0.7:8080
  loadcell run shop --ui                                    a live page, from which the run is paused, scaled and stopped
  loadcell run my-scenario.ts --once                        one iteration, with every request and response
  loadcell run shop --summary json | jq .totals             for a script

Reports:
${reportHelp()}

Live export:
  otlp         to an OpenTelemetry collector, by OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
               OTEL_METRIC_EXPORT_INTERVAL and others
  prometheus   at http://127.0.0.1:9464/metrics, or at another address: prometheus=0.0.0.0:9100

--observe takes prometheus=<url>, and after a # the series, with commas between them: names with * for any text, and labels
such as {mode="idle"}. Without a # it takes the usual ones of a process or machine. A target of Loadcell is always sampled.

Ctrl-C (or SIGTERM, SIGHUP) stops gracefully and still writes the report; a second one stops at once.
\`loadcell ctl\` pauses, resumes, scales and ends the run from another terminal.
--once exits with 99 if a request, a check or the script itself failed.
LOADCELL_VAR_<name>: value of a variable of the scenario, unless --var sets it.
LOADCELL_CONTROL_TOKEN: bearer token for the ledger of a target that has control.token set.
${networkHelp}
${clusterHelp}
${exitCodesHelp}`,
    )
    .action(async (scenario: string, flags: RunFlags) => {
      // Loaded only when it is needed: `--help` and the target do not need the harness.
      const { runScenario } = await import('./run-scenario.ts')
      await runScenario(scenario, flags, version, interrupts)
    })
}

function reportHelp(): string {
  return reportFormatNames.map(name => `  ${name.padEnd(13)}${reportFormats[name]}`).join('\n')
}

/** @throws InputError, which shows no password, unlike the errors of Commander. */
function destination(text: string): Destination {
  try {
    return parseDestination(text)
  } catch (error) {
    throw new InputError(`--export: ${(error as Error).message}`)
  }
}
