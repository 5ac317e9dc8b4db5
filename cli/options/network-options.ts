import type { Command } from 'commander'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'

/**
 * Adds the options about TLS and proxies to a command that connects to a server. A command that has another `--key` takes that of the
 * certificate from the file of `--cert`.
 */
export function withNetworkOptions(command: Command): Command {
  const hasKey = command.options.some(({ long }) => long === '--key')
  command
    .option('--ca <file>', 'trust the authorities in this file (PEM), besides those of Node')
    .option('--cert <file>', `show this certificate (PEM) to servers that ask for one${hasKey ? '; with its key' : ''}`)
  if (!hasKey) command.option('--key <file>', 'key (PEM) of --cert (default: the one in the file of --cert)')
  return command
    .option('--insecure', 'accept any certificate of a server; the report says so')
    .option('--proxy <url>', 'reach everything through this HTTP proxy (default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY)')
    .option('--no-proxy', 'reach everything directly, whatever the scenario and the environment say')
}

/** Names of these options. */
export const networkFlags = ['ca', 'cert', 'key', 'insecure', 'proxy'] as const satisfies (keyof NetworkFlags)[]

export const networkHelp = `HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY: proxies to other machines, in small letters or capitals.
LOADCELL_KEY_PASSPHRASE: passphrase of an encrypted --key.`

/** Returns the options as they were given, for another process of Loadcell. */
export function networkArguments({ ca, cert, key, insecure, proxy, httpVersion }: NetworkFlags): string[] {
  const valued = Object.entries({ ca, cert, key, proxy, 'http-version': httpVersion }).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name}`, value] : [],
  )
  return [...valued, ...(insecure ? ['--insecure'] : []), ...(proxy === false ? ['--no-proxy'] : [])]
}
