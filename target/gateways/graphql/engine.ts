import { execute, type ExecutionResult, type GraphQLError, type GraphQLSchema, type OperationTypeNode } from 'graphql'
import type { GraphqlRequest } from '../../../contract/api/graphql.ts'
import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'
import { GraphqlCaller } from './caller.ts'
import { PreparedDocuments, type Prepared } from './documents.ts'
import { coded, type OnException, shownError } from './refusals.ts'
import type { rootsOf } from './roots.ts'
import { createSchema } from './schema.ts'
import { type FollowedSource, followedBy, FieldSelection } from './selection.ts'

export interface EngineDependencies {
  settings: Settings
  memory: MemoryBudget
  roots: ReturnType<typeof rootsOf>
  onException: OnException
}

/** An operation that is ready to be executed. */
export interface ReadyOperation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly prepared: Prepared
  readonly request: GraphqlRequest
}

/** Errors of a request that was not executed. */
export interface Refused {
  readonly errors: readonly GraphQLError[]
}

/** The result of a query or mutation. */
export interface Executed {
  readonly text: string
  /** Whether it was executed: errors in it belong to fields. */
  readonly hasData: boolean
  /** Whether some field of the root has a value. */
  readonly hasEffect: boolean
  /** Whether the request itself could not be read. */
  readonly isMalformed?: boolean
  readonly errors: readonly GraphQLError[]
}

const kinds: Readonly<Record<OperationTypeNode, ReadyOperation['kind']>> = {
  query: 'query',
  mutation: 'mutation',
  subscription: 'subscription',
}

/** Parses, checks and executes operations, whatever they came over. */
export class GraphqlEngine {
  readonly #schema: GraphQLSchema = createSchema()
  readonly #dependencies: EngineDependencies
  readonly #documents: PreparedDocuments
  /** Selections by document and variables, so that equal subscriptions share the work for an event. */
  readonly #selections = new BoundedMap<string, FieldSelection>((_selection, key) => this.#memory.release(bytesOf(key)))
  readonly #memory: MemoryTable

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies
    this.#memory = dependencies.memory.table('graphql', () => this.#selections.forgetOldest())
    this.#documents = new PreparedDocuments(this.#schema, dependencies.settings, dependencies.memory)
  }

  prepare(request: GraphqlRequest): ReadyOperation | Refused {
    const prepared = this.#documents.prepare(request.query, request.operationName ?? undefined, request.variables ?? {})
    if (!('operation' in prepared)) return { errors: prepared.map(coded) }
    return { kind: kinds[prepared.operation.operation], prepared, request }
  }

  /** Executes a query or mutation. */
  execute({ prepared, request }: ReadyOperation, exchange: Exchange): Executed {
    const { roots, settings, onException } = this.#dependencies
    const caller = new GraphqlCaller(exchange, settings)
    // No function behind a field waits, so that the library returns the result itself.
    const result = execute({
      schema: this.#schema,
      document: prepared.document,
      rootValue: roots,
      contextValue: caller,
      variableValues: request.variables,
      operationName: request.operationName,
    }) as ExecutionResult
    const errors = result.errors?.map(error => shownError(error, onException))
    const extensions = caller.published && { events: caller.published }
    const { data } = result
    return {
      text: JSON.stringify({ ...(errors !== undefined && { errors }), data, extensions }),
      hasData: data !== undefined,
      hasEffect: data != null && Object.values(data).some(value => value !== null),
      errors: errors ?? [],
    }
  }

  /**
   * Returns what a subscription follows, and the selection of its fields. `bytes` is an estimate of the memory that the subscription
   * takes while it lasts.
   */
  follow({
    prepared,
    request,
  }: ReadyOperation): { followed: FollowedSource; selection: FieldSelection; bytes: number } | Refused {
    const found = followedBy(this.#schema, prepared, request)
    if ('errors' in found) return { errors: found.errors.map(coded) }
    const { followed, field } = found
    const key = JSON.stringify([request.query, request.operationName ?? '', request.variables ?? {}])
    const known = this.#selections.touch(key)
    const selection = known ?? new FieldSelection({ schema: this.#schema, prepared, request, field })
    if (known === undefined) this.#remember(key, selection)
    return { followed, selection, bytes: bytesOf(key) }
  }

  #remember(key: string, selection: FieldSelection): void {
    const { documents } = this.#dependencies.settings.current.graphql
    if (documents > 0 && this.#memory.tryCharge(bytesOf(key))) this.#selections.set(key, selection, documents)
  }
}

/** Estimate for a selection or subscription without its texts, rounded up. */
const SELECTION_BYTES = 1000

/** @param key document and variables, which are kept */
function bytesOf(key: string): number {
  return SELECTION_BYTES + 2 * key.length
}
