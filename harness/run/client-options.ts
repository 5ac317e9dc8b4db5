import type { ClientOptions, HarnessClient } from '../client/client.ts'
import type { Clock } from '../../core/clock.ts'
import type { Plan } from '../plan/plan.ts'
import type { SharedResult } from '../scenario/setup.ts'
import type { Session } from '../session/session.ts'
import { createFake } from '../user/fake.ts'
import type { UserDependencies } from '../user/virtual-user.ts'

type Sending = 'engine' | 'hosts' | 'http' | 'llm' | 'network'

/** Returns the options of every client of a plan: what it sends with, and where. */
export function sendingOptions({
  engine,
  hosts,
  http,
  llm,
  network,
}: Pick<Plan, Sending>): Pick<ClientOptions, Sending> {
  return { engine, hosts, http, llm, network }
}

/** Returns the options of a client of virtual users. */
export function userClientOptions(plan: Plan): Pick<ClientOptions, Sending | 'trace' | 'connections'> {
  const { connections, trace } = plan
  return { ...sendingOptions(plan), trace, ...(connections !== undefined && { connections }) }
}

/** Returns a function that gives each user its clients, payloads and the result of the setup. */
export function equipping(
  client: Pick<HarnessClient, 'contextFor'>,
  { shared, runId, clock }: { shared: SharedResult; runId: string; clock: Clock },
): UserDependencies['equip'] {
  return (session: Session) => ({ ...client.contextFor(session), shared, fake: createFake(session, { runId, clock }) })
}
