import type { Task } from '../../../contract/api/tasks.ts'
import { TaskList } from './task-list.ts'

/** The filters of a list. A task must match every field that is set. */
export type TaskFilter = Partial<Pick<Task, IndexedField>>

/** Finds tasks by the fields of a filter. Each value has a list of its tasks. */
export class TaskIndex {
  readonly #all = new TaskList()
  readonly #byField: Record<IndexedField, Map<Task[IndexedField], TaskList>> = {
    project_id: new Map(),
    status: new Map(),
    priority: new Map(),
    assignee_id: new Map(),
  }

  /** Number of different values of all fields. */
  get values(): number {
    return INDEXED_FIELDS.reduce((count, field) => count + this.#byField[field].size, 0)
  }

  add(task: Task): void {
    this.#all.add(task)
    for (const field of INDEXED_FIELDS) this.#insert(field, task)
  }

  remove(task: Task): void {
    this.#all.remove(task)
    for (const field of INDEXED_FIELDS) this.#withdraw(field, task)
  }

  replace(before: Task, after: Task): void {
    this.#all.replace(after)
    for (const field of INDEXED_FIELDS) {
      if (before[field] === after[field]) {
        this.#listOf(field, after).replace(after)
      } else {
        this.#withdraw(field, before)
        this.#insert(field, after)
      }
    }
  }

  /** Returns the smallest list that contains every match: that of the filter's rarest value. */
  candidates(filter: TaskFilter): TaskList {
    let fewest = this.#all
    for (const field of fieldsOf(filter)) {
      const tasks = this.#byField[field].get(filter[field] as Task[IndexedField]) ?? NONE
      if (tasks.length < fewest.length) fewest = tasks
    }
    return fewest
  }

  #insert(field: IndexedField, task: Task): void {
    if (!this.#byField[field].has(task[field])) this.#byField[field].set(task[field], new TaskList())
    this.#listOf(field, task).add(task)
  }

  /** Removes a list that has become empty, because priorities are arbitrary words. */
  #withdraw(field: IndexedField, task: Task): void {
    const tasks = this.#listOf(field, task)
    tasks.remove(task)
    if (tasks.length === 0) this.#byField[field].delete(task[field])
  }

  #listOf(field: IndexedField, task: Task): TaskList {
    return this.#byField[field].get(task[field]) as TaskList
  }
}

/** Returns the fields that a filter sets. */
export function fieldsOf(filter: TaskFilter): IndexedField[] {
  return INDEXED_FIELDS.filter(field => filter[field] !== undefined)
}

/** Whether a task matches. It is called for every candidate, and a loop over the fields would take ten times as long. */
export function fits(task: Task, { project_id, status, priority, assignee_id }: TaskFilter): boolean {
  return (
    (project_id === undefined || task.project_id === project_id) &&
    (status === undefined || task.status === status) &&
    (priority === undefined || task.priority === priority) &&
    (assignee_id === undefined || task.assignee_id === assignee_id)
  )
}

type IndexedField = 'project_id' | 'status' | 'priority' | 'assignee_id'

const INDEXED_FIELDS: readonly IndexedField[] = ['project_id', 'status', 'priority', 'assignee_id']
const NONE = new TaskList()
