import type { Network } from '../../harness/client/engine/network.ts'
import type { TargetMessage } from './serve.ts'

/** Returns the network with the certificate of the embedded target trusted (PEM), besides those that it trusts already. */
export function trusting(network: Network, embedded: string): Network {
  return { ...network, tls: { ...network.tls, embedded } }
}

/** Returns the plan for this target: the certificate of an embedded one is trusted. */
export function planFor<Planned extends { network: Network }>(
  plan: Planned,
  embedded: Pick<TargetMessage, 'tls'> | undefined,
): Planned {
  return embedded?.tls === undefined ? plan : { ...plan, network: trusting(plan.network, embedded.tls.trusted) }
}
