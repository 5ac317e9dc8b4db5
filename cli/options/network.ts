import type { Network } from '../../harness/client/engine/network.ts'
import { Inspector } from '../../harness/plan/inspector.ts'
import { type NetworkFlags, readNetwork } from '../../harness/plan/read-network.ts'
import { listedError } from '../process/input-error.ts'

/** Returns how a command without a scenario connects. @throws InputError */
export function networkOf(flags: NetworkFlags): Network {
  const inspector = new Inspector()
  const network = readNetwork(inspector, {}, { flags, env: process.env }, tellDoubt)
  if (inspector.errors.length > 0) throw listedError('no connection can be made', inspector.errors)
  return network
}

/** Prints what is doubtful about an option. */
export function tellDoubt(note: string): void {
  process.stderr.write(`Note: ${note}\n`)
}
