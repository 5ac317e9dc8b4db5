import type { TSchema } from 'typebox'
import { LoginRequest, LoginResponse, Profile, RefreshRequest, User } from '../../contract/api/accounts.ts'
import { Category, Product, ProductPage } from '../../contract/api/catalog.ts'
import { Introspection, OAuthErrorBody, TokenResponse } from '../../contract/api/oauth.ts'
import { Order, OrderPage, OrderRequest } from '../../contract/api/orders.ts'
import { Report, ReportAccepted, ReportRequest } from '../../contract/api/reports.ts'
import { NewTask, Task, TaskChange, TaskPage } from '../../contract/api/tasks.ts'
import { BatchRequest, BatchResponse, EventEnvelope, PublishResponse } from '../../contract/api/events.ts'
import { ChatCompletion, ChatRequest } from '../../contract/llm/chat.ts'
import { LlmError } from '../../contract/llm/errors.ts'
import { ResponsesRequest } from '../../contract/llm/responses.ts'
import { pointedError, Problem } from '../../contract/problem.ts'
import type { JsonSchema } from './specification.ts'

/** Schemas that the document defines once, under these names. */
const named: Readonly<Record<string, TSchema>> = {
  TokenResponse,
  Introspection,
  OAuthErrorBody,
  LoginRequest,
  LoginResponse,
  RefreshRequest,
  User,
  Profile,
  Product,
  ProductPage,
  Category,
  OrderRequest,
  Order,
  OrderPage,
  NewTask,
  TaskChange,
  Task,
  TaskPage,
  ReportRequest,
  ReportAccepted,
  Report,
  EventEnvelope,
  PublishResponse,
  BatchRequest,
  BatchResponse,
  PointedError: pointedError,
  Problem,
  ChatRequest,
  ChatCompletion,
  ResponsesRequest,
  LlmError,
}

const names = new Map(Object.entries(named).map(([name, schema]) => [schema as unknown, name]))

export function namedSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, written(schema) as JsonSchema]))
}

/** Returns a schema for the document: a reference if the schema has a name. */
export function documented(schema: TSchema): JsonSchema {
  return refer(schema) as JsonSchema
}

function refer(node: unknown): unknown {
  const name = names.get(node)
  return name === undefined ? written(node) : { $ref: `#/components/schemas/${name}` }
}

/** Removes `expected`, which is not JSON Schema, and adds the type of lists of texts. */
function written(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(refer)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node)
    .filter(([key, value]) => key !== 'expected' || typeof value !== 'string')
    .map(([key, value]) => [key, refer(value)] as const)
  const { enum: choices } = node as { enum?: unknown }
  const areTexts = Array.isArray(choices) && choices.every(choice => typeof choice === 'string')
  return Object.fromEntries(areTexts ? [['type', 'string'], ...entries] : entries)
}
