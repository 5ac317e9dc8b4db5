import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { PageOf, pageQuery } from './page.ts'

export const taskStatuses = ['open', 'in_progress', 'done'] as const
export type TaskStatus = (typeof taskStatuses)[number]

export const taskPriorities = ['low', 'medium', 'high', 'urgent'] as const

export const projectIds = [2001, 2002, 2003] as const
export const assigneeIds = [301, 302, 303] as const

const Title = Type.String({ minLength: 1, maxLength: 200 })
const Description = Type.String({ maxLength: 10_000 })
const Status = Type.Enum([...taskStatuses])
/** Teams may use other words. */
const Priority = Type.String({
  minLength: 1,
  maxLength: 32,
  description: `${taskPriorities.join(', ')}, or any other word.`,
})
const ProjectId = Type.Integer({ description: `One of ${projectIds.join(', ')}.` })
const AssigneeId = Type.Union([Type.Integer(), Type.Null()], {
  description: `One of ${assigneeIds.join(', ')}, or null for nobody.`,
  expected: 'the id of an assignee, or null',
})

const fields = {
  description: Type.Optional(Description),
  status: Type.Optional(Status),
  priority: Type.Optional(Priority),
  project_id: Type.Optional(ProjectId),
  assignee_id: Type.Optional(AssigneeId),
}

export const NewTask = Type.Object(
  { title: Title, ...fields },
  { description: 'Only a title is required; fields that are not known here are ignored.' },
)
export type NewTask = Static<typeof NewTask>

export const TaskChange = Type.Object(
  { title: Type.Optional(Title), ...fields },
  { description: 'Absent fields stay unchanged.' },
)
export type TaskChange = Static<typeof TaskChange>

export const Task = Type.Object({
  id: Type.Integer(),
  project_id: Type.Integer(),
  title: Type.String(),
  description: Type.String(),
  status: Status,
  priority: Type.String(),
  assignee_id: Type.Union([Type.Integer(), Type.Null()]),
  /** Grows by one with every change. The ETag contains it. */
  version: Type.Integer(),
  /** ISO 8601. */
  created_at: Type.String(),
  updated_at: Type.String(),
})
export type Task = Static<typeof Task>

export const TaskQuery = Type.Object({
  ...pageQuery,
  project_id: Type.Optional(Type.Integer({ examples: [2001] })),
  status: Type.Optional(Status),
  priority: Type.Optional(Type.String({ maxLength: 32, examples: ['high'] })),
  assignee_id: Type.Optional(Type.Integer({ examples: [301] })),
})
export type TaskQuery = Static<typeof TaskQuery>

export const TaskPage = PageOf(Task)

const parameters = Type.Object({ id: Type.Integer({ examples: [1] }) })
const etag = { ETag: 'Changes with the task.' }
const ifMatch = Type.Object({
  'If-Match': Type.Optional(
    Type.String({ description: 'The ETag the change is based on; 412 when it is not the newest.' }),
  ),
})

export const taskOperations = operationsOf({ tag: 'Tasks', access: { kind: 'guest' } }, {
  'tasks.list': {
    request: 'GET /api/v1/tasks',
    summary: 'A page of tasks, newest first, filtered.',
    query: TaskQuery,
    answers: { 200: { description: 'A page of tasks.', schema: TaskPage } },
    problems: ['invalid_limit', 'too_many_tenants'],
  },
  'tasks.create': {
    request: 'POST /api/v1/tasks',
    summary: 'Creates a task.',
    headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) }),
    body: {
      schema: NewTask,
      examples: {
        'only a title': { title: 'Water the plants' },
        'in full': {
          title: 'Restock the shelves',
          description: 'Before the weekend.',
          project_id: 2001,
          status: 'open',
          priority: 'high',
          assignee_id: 301,
        },
      },
    },
    answers: {
      201: {
        description: 'The task.',
        schema: Task,
        headers: {
          Location: 'The path of the task.',
          'Idempotent-Replayed': '`true` when the task was created before, with the same Idempotency-Key and body.',
          ...etag,
        },
      },
    },
    problems: [
      'unknown_project',
      'unknown_assignee',
      'idempotency_key_reused',
      'idempotency_in_flight',
      'too_many_tenants',
    ],
  },
  'tasks.get': {
    request: 'GET /api/v1/tasks/{id}',
    summary: 'One task.',
    parameters,
    headers: Type.Object({ 'If-None-Match': Type.Optional(Type.String()) }),
    answers: {
      200: { description: 'The task.', schema: Task, headers: etag },
      304: { description: 'Not modified.', headers: etag },
    },
    problems: ['not_found', 'too_many_tenants'],
  },
  'tasks.change': {
    request: 'PATCH /api/v1/tasks/{id}',
    summary: 'Changes some fields of a task.',
    parameters,
    headers: ifMatch,
    body: { schema: TaskChange, examples: { done: { status: 'done' } } },
    answers: { 200: { description: 'The task as it is now.', schema: Task, headers: etag } },
    problems: ['not_found', 'unknown_project', 'unknown_assignee', 'precondition_failed', 'too_many_tenants'],
  },
  'tasks.delete': {
    request: 'DELETE /api/v1/tasks/{id}',
    summary: 'Deletes a task.',
    parameters,
    headers: ifMatch,
    answers: { 204: { description: 'The task was deleted.' } },
    problems: ['not_found', 'precondition_failed', 'too_many_tenants'],
  },
} as const satisfies OperationTable)
