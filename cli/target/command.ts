import { Command } from 'commander'
import type { Interrupts } from '../process/interrupts.ts'
import { keyValue } from '../options/arguments.ts'

interface TargetFlags {
  port?: string
  host?: string
  config?: string
  seed?: string
  set: Record<string, string>
  printConfig?: true
  tls?: true
  tlsCa?: string
}

export function targetCommand(version: string, interrupts: Interrupts): Command {
  return new Command('target')
    .description('Start the reference target: a streaming and REST server that keeps a ledger of what truly happened.')
    .option('--port <number>', 'port to listen on, or 0 for any free port (http.port, default 8080)')
    .option('--host <address>', 'address to listen on (http.host, default 127.0.0.1: only this machine)')
    .option('--config <file>', 'YAML or JSON file with the configuration')
    .option(
      '--tls',
      'serve https and wss, with HTTP/2; the certificate is made at the start (tls.enabled, tls.cert, tls.key)',
    )
    .option(
      '--tls-ca <file>',
      'write the authority of the made certificate to this file, for clients; with --tls (tls.caFile)',
    )
    .option('--seed <number>', 'seed of everything the target generates (seed, default 1)')
    .option('--set <key=value>', 'set a configuration key, e.g. --set auth.tokenTtl=2s; may be repeated', keyValue, {})
    .option('--print-config', 'print the effective configuration with the source of each value, and stop')
    .addHelpText(
      'after',
      `
Configuration is read in this order, and later sources win: defaults, --config file, environment, flags.
A key such as auth.tokenTtl is LOADCELL_AUTH_TOKEN_TTL in the environment.

Examples:
  loadcell target                                    on http://127.0.0.1:8080
  loadcell target --port 0 --set feed.orders=0       a free port, no ambient orders
  loadcell target --host 0.0.0.0 --set control.token=… open to other machines, control plane behind a token
  loadcell target --tls --tls-ca ca.pem              on https://127.0.0.1:8080; curl --cacert ca.pem trusts it
  loadcell target --set control.port=9090            control plane, ledger and /metrics on a port of their own
  loadcell target --set control.viewToken=class      people with that token may look at the live page, and change nothing

The live page: open http://127.0.0.1:8080/_loadcell/ui in a browser, to watch the target and to change it for a while.
The ledger: curl 'http://127.0.0.1:8080/_loadcell/ledger?run=default'`,
    )
    .action(async (flags: TargetFlags) => {
      // Loaded only when it is needed: `--help` and the harness do not need the target.
      const { printConfiguration, serve } = await import('./serve.ts')
      const sources = { file: flags.config, env: process.env, flags: dotted(flags) }
      if (flags.printConfig) printConfiguration(sources)
      else await serve(sources, version, interrupts)
    })
}

function dotted({ port, host, seed, tls, tlsCa, set }: TargetFlags): Record<string, string> {
  const flags = { ...set }
  if (port !== undefined) flags['http.port'] = port
  if (host !== undefined) flags['http.host'] = host
  if (seed !== undefined) flags['seed'] = seed
  if (tls) flags['tls.enabled'] = 'true'
  if (tlsCa !== undefined) flags['tls.caFile'] = tlsCa
  return flags
}
