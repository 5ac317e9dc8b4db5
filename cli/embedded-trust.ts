import type { Network } from '../harness/client/engine/network.ts'
import type { TargetMessage } from './serve.ts'

/** Returns the plan with the certificate of the embedded target trusted, besides whom it trusts already. */
export function trusting<Planned extends { network: Network }>(
  plan: Planned,
  embedded: Pick<TargetMessage, 'tls'> | undefined,
): Planned {
  if (embedded?.tls === undefined) return plan
  const { network } = plan
  return { ...plan, network: { ...network, tls: { ...network.tls, embedded: embedded.tls.trusted } } }
}
