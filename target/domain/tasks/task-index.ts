import type { Task } from '../../../contract/api/tasks.ts'
import { IdList } from './id-list.ts'

/** What a list may ask for; every field that is set must fit. */
export type TaskFilter = Partial<Pick<Task, IndexedField>>

/** Finds tasks by the fields a list can be filtered by: each value has the ids of the tasks that hold it. */
export class TaskIndex {
  readonly #all = new IdList()
  readonly #byField: Record<IndexedField, Map<Task[IndexedField], IdList>> = {
    project_id: new Map(),
    status: new Map(),
    priority: new Map(),
    assignee_id: new Map(),
  }

  add(task: Task): void {
    this.#all.add(task.id)
    for (const field of INDEXED_FIELDS) this.#insert(field, task)
  }

  remove(task: Task): void {
    this.#all.remove(task.id)
    for (const field of INDEXED_FIELDS) this.#withdraw(field, task)
  }

  replace(before: Task, after: Task): void {
    for (const field of INDEXED_FIELDS) {
      if (before[field] === after[field]) continue
      this.#withdraw(field, before)
      this.#insert(field, after)
    }
  }

  /** The fewest ids among which all that fit the filter are: of its rarest value. */
  candidates(filter: TaskFilter): IdList {
    let fewest = this.#all
    for (const field of fieldsOf(filter)) {
      const ids = this.#byField[field].get(filter[field] as Task[IndexedField]) ?? NONE
      if (ids.length < fewest.length) fewest = ids
    }
    return fewest
  }

  #insert(field: IndexedField, task: Task): void {
    const lists = this.#byField[field]
    let ids = lists.get(task[field])
    if (ids === undefined) lists.set(task[field], (ids = new IdList()))
    ids.add(task.id)
  }

  /** Priorities are any word: a list that came to its end is let go. */
  #withdraw(field: IndexedField, task: Task): void {
    const lists = this.#byField[field]
    const ids = lists.get(task[field]) as IdList
    ids.remove(task.id)
    if (ids.length === 0) lists.delete(task[field])
  }
}

/** The fields a filter sets. */
export function fieldsOf(filter: TaskFilter): IndexedField[] {
  return INDEXED_FIELDS.filter(field => filter[field] !== undefined)
}

type IndexedField = 'project_id' | 'status' | 'priority' | 'assignee_id'

const INDEXED_FIELDS: readonly IndexedField[] = ['project_id', 'status', 'priority', 'assignee_id']
const NONE = new IdList()
