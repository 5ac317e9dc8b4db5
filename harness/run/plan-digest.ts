import { createHash } from 'node:crypto'
import type { Plan } from '../plan/plan.ts'
import type { UserPlan } from '../user/user-kind.ts'

/**
 * Returns a digest of what a plan does to the target. Processes that load the same scenario with the same options have the same;
 * one whose load depends on the machine, the time or chance has not. Functions are left out.
 */
export function digestOf(plan: Plan): string {
  const { plannedMs, warmupMs, seed, engine, http, connections, trace, vocabulary } = plan
  const said = {
    loads: plan.loads.map(({ users, ...load }) => ({ ...load, users: users.map(described) })),
    hosts: plan.hosts.map(({ name, url }) => [name, url]),
    thresholds: plan.thresholds.map(({ source }) => source),
    metrics: [...vocabulary.metrics.keys()],
    tags: vocabulary.tags,
    plannedMs,
    warmupMs,
    seed,
    engine,
    http,
    connections,
    trace,
  }
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url')
}

function described({ behaviour, ...user }: UserPlan) {
  const tasks = Object.entries(behaviour.tasks ?? {}).map(([name, { weight, tags }]) => [name, weight, tags])
  return { ...user, tasks }
}
