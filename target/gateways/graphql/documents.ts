import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { BoundedMap } from '../../../core/bounded-map.ts'
import { quotedStart } from '../../../core/quoted-start.ts'
import type { Settings } from '../../configuration/settings.ts'
import { type MemoryBudget, type MemoryTable, textBytes } from '../../memory/budget.ts'
import { checkLimits } from './document-limits.ts'

/** A document that was parsed and validated. */
export interface Prepared {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/** Maximum number of errors in an answer. */
const MOST_ERRORS = 20
/** Estimate for the nodes of a document, per byte of its text; measured and rounded up. */
const BYTES_PER_BYTE = 60

/** Parses and validates documents. A document that is valid is remembered by its text. */
export class PreparedDocuments {
  readonly #schema: GraphQLSchema
  readonly #settings: Settings
  readonly #memory: MemoryTable
  readonly #known = new BoundedMap<string, DocumentNode>((_document, text) => this.#memory.release(bytesOf(text)))

  constructor(schema: GraphQLSchema, settings: Settings, memory: MemoryBudget) {
    this.#schema = schema
    this.#settings = settings
    this.#memory = memory.table('graphql', () => this.#known.forgetOldest())
  }

  /** @returns the errors of a document that cannot be executed */
  prepare(
    text: string,
    operationName: string | undefined,
    variables: Readonly<Record<string, unknown>>,
  ): Prepared | readonly GraphQLError[] {
    const { documents, tokens, introspection, ...limits } = this.#settings.current.graphql
    try {
      const known = this.#known.touch(text)
      const document = known ?? parse(text, { maxTokens: tokens })
      const operation = operationOf(document, operationName)
      checkLimits(document, operation, variables, limits)
      if (known !== undefined) return { document, operation }
      for (const other of operationsOf(document)) if (other !== operation) checkLimits(document, other, {}, limits)
      const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
      const errors = validate(this.#schema, document, rules, { maxErrors: MOST_ERRORS })
      if (errors.length > 0) return errors
      this.#remember(text, document, documents)
      return { document, operation }
    } catch (error) {
      if (error instanceof GraphQLError) return [error]
      throw error
    }
  }

  #remember(text: string, document: DocumentNode, most: number): void {
    if (most === 0 || !this.#memory.tryCharge(bytesOf(text))) return
    this.#known.set(text, document, most)
  }
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = operationsOf(document)
  if (name === undefined && operations.length === 1) return operations[0]!
  const operation = operations.find(operation => name !== undefined && operation.name?.value === name)
  if (operation !== undefined) return operation
  const detail =
    name === undefined
      ? `expected operationName, because the document has ${operations.length} operations`
      : `the document has no operation ${quotedStart(name)}`
  throw new GraphQLError(detail, { extensions: { code: 'unknown_operation' } })
}

function operationsOf({ definitions }: DocumentNode): OperationDefinitionNode[] {
  return definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
}

function bytesOf(text: string): number {
  return textBytes(text) * BYTES_PER_BYTE
}
