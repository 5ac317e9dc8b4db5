/**
 * The public types and functions of a scenario: `import { scenario, user, between, stages } from 'loadcell'`.
 */
import type { Distribution } from '../core/distributions/distribution.ts'
import { exponential, fixed, uniform } from '../core/distributions/closed-form.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import type { Scenario, Stage, UserDefinition } from './scenario/definition.ts'
import { givenVariables } from './scenario/given-variables.ts'
import type { VariableDeclaration, Variables } from './scenario/variables.ts'

export type * from './scenario/context.ts'
export type * from './scenario/cookies.ts'
export type * from './scenario/definition.ts'
export type * from './scenario/graphql.ts'
export type * from './scenario/html.ts'
export type * from './scenario/http.ts'
export type * from './scenario/llm.ts'
export type * from './scenario/setup.ts'
export type * from './scenario/streams.ts'
export type * from './scenario/sockets.ts'
export type * from './scenario/grpc.ts'
export type * from './scenario/socketio.ts'
export type * from './scenario/stomp.ts'
export type * from './scenario/tls.ts'
export type * from './scenario/variables.ts'
export type { Duration }
export type { FailureReason } from './metrics/catalog.ts'
export type { Random } from '../core/random.ts'
export type { FaultRule } from '../contract/faults/rule.ts'
export type { FaultTimeline } from '../contract/faults/configuration.ts'
/** Types of the target's responses: `response.json<Page<Product>>()`. */
export type { LoginResponse, Profile, User } from '../contract/api/accounts.ts'
export type { Category, Product } from '../contract/api/catalog.ts'
export type { Order } from '../contract/api/orders.ts'
export type { Report, ReportAccepted } from '../contract/api/reports.ts'
export type { Task } from '../contract/api/tasks.ts'
export type { Page } from '../contract/api/page.ts'
export type { Problem } from '../contract/problem.ts'
export type { BatchResponse, DeliveredEvent, EventEnvelope, PublishResponse } from '../contract/api/events.ts'
/** Types of the target's frames: `ws.open<ChatFrame>('/ws/chat')`. */
export type { ChatFrame } from '../contract/sockets/chat.ts'
export type { CollaborationFrame } from '../contract/sockets/collaboration.ts'
export type { NotificationFrame } from '../contract/sockets/notifications.ts'
export type { QuoteFrame } from '../contract/sockets/quotes.ts'
export { counter, gauge, rate, trend, type MetricOptions } from './scenario/custom-metrics.ts'
export type { CustomMetric } from './metrics/custom-metric.ts'
export type { TagValues } from './metrics/tag-sets.ts'
export { basic } from './scenario/basic.ts'
export { environment } from './scenario/environment.ts'
export { randomInteger, weightedPick } from '../core/random.ts'
export { matchesSchema, type SchemaClaim } from './claims/schema-claim.ts'
export type { StandardSchema } from './claims/standard-schema.ts'
export { csvFeeder, jsonFeeder, type CsvFeederOptions, type Feeder, type FeederOptions } from './feeders/feeder.ts'
export { file, type UploadOptions } from './feeders/upload-file.ts'

/** The identity function, for its types: editors check the scenario while it is written. */
export function scenario(definition: Scenario): Scenario {
  return definition
}

/** `stages('30s → 50', '2m -> 50')`. */
export function stages(...lines: string[]): Stage[] {
  return lines.map(line => {
    const [, duration, target] = /^\s*(\S+)\s*(?:→|->)\s*(\d+(?:\.\d+)?)\s*$/.exec(line) ?? []
    if (duration === undefined || target === undefined) {
      throw new RangeError(`expected a stage such as '30s → 50', got ${JSON.stringify(line)}`)
    }
    parseDuration(duration)
    return { duration, target: Number(target) }
  })
}

export function user<State = undefined>(name: string, definition: Omit<UserDefinition<State>, 'name'>): UserDefinition {
  return { name, ...definition }
}

/** A pause drawn evenly between two durations. */
export function between(min: Duration, max: Duration): Distribution {
  const [minMs, maxMs] = [parseDuration(min), parseDuration(max)]
  if (maxMs < minMs)
    throw new RangeError(`expected between(min, max) with min ≤ max, got ${String(min)} and ${String(max)}`)
  return uniform(minMs, maxMs)
}

/** A pause drawn from an exponential distribution: many short ones, a few long ones. */
export function around(mean: Duration): Distribution {
  return exponential(parseDuration(mean))
}

/** A pause of always the same length. */
export function exactly(duration: Duration): Distribution {
  return fixed(parseDuration(duration))
}

/**
 * Declares what the command line may set with `--var name=value`, and returns the values: those of `--var`, else of the environment
 * (`LOADCELL_VAR_name`), else the defaults.
 * @throws VariableError when a value does not fit, or a variable without a default is not given
 */
export function variables<const Declared extends Record<string, VariableDeclaration>>(
  declared: Declared,
): Variables<Declared> {
  return givenVariables.declare(declared) as Variables<Declared>
}
