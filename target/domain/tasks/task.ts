import { describe } from '../../../core/check.ts'
import { assigneeIds, type NewTask, projectIds, type Task, type TaskChange } from '../../../contract/api/tasks.ts'
import { ProblemError } from '../../exchange/problem.ts'

/**
 * Returns the task that a client requests. Defaults fill in the fields that it leaves out.
 * @param at ISO 8601
 * @throws ProblemError unknown_project, unknown_assignee
 */
export function newTask(id: number, request: NewTask, at: string): Task {
  requireKnown(request)
  return {
    id,
    project_id: request.project_id ?? projectIds[0],
    title: request.title,
    description: request.description ?? '',
    status: request.status ?? 'open',
    priority: request.priority ?? 'medium',
    assignee_id: request.assignee_id ?? null,
    version: 1,
    created_at: at,
    updated_at: at,
  }
}

/**
 * Returns the task with a change applied; the same object if the change has no effect.
 * @param at ISO 8601
 * @throws ProblemError unknown_project, unknown_assignee
 */
export function changedTask(task: Task, change: TaskChange, at: string): Task {
  requireKnown(change)
  const {
    project_id = task.project_id,
    title = task.title,
    description = task.description,
    status = task.status,
    priority = task.priority,
    // Null means no assignee, not "unchanged".
    assignee_id = task.assignee_id,
  } = change
  const changed = { ...task, project_id, title, description, status, priority, assignee_id }
  if (CONTENT.every(field => changed[field] === task[field])) return task
  return { ...changed, version: task.version + 1, updated_at: at }
}

const CONTENT = ['project_id', 'title', 'description', 'status', 'priority', 'assignee_id'] as const
const PROJECTS: ReadonlySet<number> = new Set(projectIds)
const ASSIGNEES: ReadonlySet<number> = new Set(assigneeIds)

function requireKnown({ project_id, assignee_id }: TaskChange): void {
  if (project_id !== undefined && !PROJECTS.has(project_id)) {
    throw unknown('unknown_project', 'project_id', `one of ${projectIds.join(', ')}`, project_id)
  }
  if (assignee_id !== undefined && assignee_id !== null && !ASSIGNEES.has(assignee_id)) {
    throw unknown('unknown_assignee', 'assignee_id', `one of ${assigneeIds.join(', ')}, or null`, assignee_id)
  }
}

function unknown(code: 'unknown_project' | 'unknown_assignee', field: string, expected: string, got: number) {
  const detail = `expected ${expected}, got ${describe(got)}`
  return new ProblemError(code, `${field}: ${detail}`, { errors: [{ pointer: `/${field}`, detail }] })
}
