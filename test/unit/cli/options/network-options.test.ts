import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { networkArguments, withNetworkOptions } from '../../../../cli/options/network-options.ts'
import type { NetworkFlags } from '../../../../harness/plan/read-network.ts'

/** Returns the flags that a command reads from these arguments. */
function read(args: string[], command = new Command()): NetworkFlags {
  return withNetworkOptions(command).parse(args, { from: 'user' }).opts()
}

describe('the options about TLS and proxies', () => {
  it.each([
    [[]],
    [['--ca', 'a.pem', '--cert', 'b.pem', '--key', 'c.pem', '--proxy', 'http://p:1', '--insecure']],
    [['--no-proxy']],
  ])('are passed on to another process as they were given: %j', args => {
    expect(networkArguments(read(args))).toEqual(args)
  })

  it('leave the --key of a command alone', () => {
    const command = new Command().option('--key <key>', 'another key')
    expect(read(['--key', 'k', '--cert', 'b.pem'], command)).toEqual({ key: 'k', cert: 'b.pem' })
  })
})
