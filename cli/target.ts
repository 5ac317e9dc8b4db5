import { Command } from 'commander'
import { startTarget } from '../target/app.ts'
import { ConfigurationError, describeConfiguration, loadConfiguration } from '../target/configuration/load.ts'
import { InputError } from './input-error.ts'

/** Told to the process that started the target, over its IPC channel, once it listens. */
export interface TargetMessage {
  url: string
}

interface TargetFlags {
  port?: string
  host?: string
  config?: string
  seed?: string
  set: Record<string, string>
  printConfig?: true
}

export function targetCommand(version: string): Command {
  return new Command('target')
    .description('Start the reference target: a streaming and REST server that keeps a ledger of what truly happened.')
    .option('--port <number>', 'port to listen on; 0 takes a free one (http.port, default 8080)')
    .option('--host <address>', 'address to listen on (http.host, default 127.0.0.1: only this machine)')
    .option('--config <file>', 'YAML or JSON file with the configuration')
    .option('--seed <number>', 'seeds everything the target makes up (seed, default 1)')
    .option('--set <key=value>', 'any configuration key, e.g. --set auth.tokenTtl=2s; may be repeated', keyValue, {})
    .option('--print-config', 'print the effective configuration, where each value came from, and stop')
    .addHelpText(
      'after',
      `
Configuration is read in this order, later wins: defaults, --config file, environment, flags.
A key such as auth.tokenTtl is LOADCELL_AUTH_TOKEN_TTL in the environment.

Examples:
  loadcell target                                    http://127.0.0.1:8080
  loadcell target --port 0 --set feed.orders=0       a free port, no ambient orders
  loadcell target --host 0.0.0.0 --set control.token=… open to other machines, control plane behind a token

The ledger: curl 'http://127.0.0.1:8080/_loadcell/ledger?run=default'`,
    )
    .action(async (flags: TargetFlags) => {
      const sources = { file: flags.config, env: process.env, flags: dotted(flags) }
      try {
        if (flags.printConfig) process.stdout.write(describeConfiguration(sources))
        else await serve(loadConfiguration(sources), version)
      } catch (error) {
        if (error instanceof ConfigurationError) throw new InputError(error.message, 'See `loadcell target --print-config` for every key.')
        throw error
      }
    })
}

export function keyValue(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InputError(`expected key=value, got ${JSON.stringify(text)}`)
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}

function dotted({ port, host, seed, set }: TargetFlags): Record<string, string> {
  const flags = { ...set }
  if (port !== undefined) flags['http.port'] = port
  if (host !== undefined) flags['http.host'] = host
  if (seed !== undefined) flags['seed'] = seed
  return flags
}

async function serve(configuration: ReturnType<typeof loadConfiguration>, version: string): Promise<void> {
  const target = await startTarget(configuration, { version })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= target.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  if (process.send === undefined) {
    process.on('SIGINT', stop)
    process.stdout.write(`Loadcell target listening on ${target.url} (Ctrl-C stops it)\n`)
  } else {
    // Embedded: a Ctrl-C in the terminal reaches this process too, but when to stop is for the harness to say.
    process.on('SIGINT', () => {})
    process.on('disconnect', stop)
    process.send({ url: target.url } satisfies TargetMessage)
  }
}
