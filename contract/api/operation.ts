import type { TObject, TSchema } from 'typebox'
import type { ProblemCode } from '../problem.ts'

/** An operation of the target, and everything that the target promises about it. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Route template, in its canonical spelling. */
  path: string
  /** Other canonical templates of the same operation. */
  aliases?: readonly string[]
  /** One sentence, for the API document. */
  summary: string
  tag: string
  access: Access
  /** Values of the template's `{names}`. */
  parameters?: TObject
  query?: TObject
  headers?: TObject
  body?: Body
  answers: Readonly<Record<number, AnswerDescription>>
  /** Codes of its own refusals. Those that any request may meet are not repeated. */
  problems: readonly ProblemCode[]
  /** Schema of its refusals as JSON. Default: that of problem documents. */
  refusals?: TSchema
}

/**
 * The callers that are admitted:
 * - `public`: everybody; a token is ignored.
 * - `guest`: everybody while `auth.mode` is lenient, but a token that is sent must be valid; in strict mode a bearer token is
 *   required.
 * - `bearer`: clients with a token that has the scope, or any token if no scope is named. Clients that cannot set a header
 *   may send it in the query parameter, if there is one.
 */
export type Access = { kind: 'public' } | { kind: 'guest' } | { kind: 'bearer'; scope?: string; parameter?: string }

export interface Body {
  schema: TSchema
  /** Default `application/json`. */
  mediaType?: string
  /** Default true. */
  required?: boolean
  /** Bodies that the operation accepts, by name. */
  examples?: Readonly<Record<string, unknown>>
}

export interface AnswerDescription {
  description: string
  /** Schema of a JSON body; absent without a body, and for other bodies. */
  schema?: TSchema
  /** Default `application/json` if there is a schema. */
  mediaTypes?: readonly string[]
  /** Headers of the answer, with their meaning. */
  headers?: Readonly<Record<string, string>>
}

/** Operations of one tag by name. `request` is method and path; `access` and `problems` may come from what they share. */
export type OperationTable = Readonly<Record<string, TableEntry>>

interface TableEntry extends Omit<Operation, 'method' | 'path' | 'tag' | 'access' | 'problems'> {
  request: `${Operation['method']} /${string}`
  access?: Access
  /** Default: none. */
  problems?: readonly ProblemCode[]
}

/** Returns the operations of a table, each with what all of them share. */
export function operationsOf<
  const Common extends Pick<Operation, 'tag' | 'refusals'> & { access?: Access },
  Table extends OperationTable,
>(
  shared: Common,
  table: Table,
): { [Name in keyof Table]: Common & Omit<Table[Name], 'request'> & Pick<Operation, 'method' | 'path' | 'problems'> } {
  const operations = Object.entries(table).map(([name, { request, ...own }]) => {
    const [method, path] = request.split(' ')
    return [name, { method, path, ...shared, problems: [], ...own }]
  })
  return Object.fromEntries(operations) as ReturnType<typeof operationsOf<Common, Table>>
}

const API = '/api/v1/'

/** Returns every template of an operation: the API has three spellings of each path. */
export function templatesOf({ path, aliases = [] }: Pick<Operation, 'path' | 'aliases'>): string[] {
  return [path, ...aliases].flatMap(template =>
    template.startsWith(API)
      ? [template, `/api/${template.slice(API.length)}`, `/${template.slice(API.length)}`]
      : [template],
  )
}
