import type { NewTask, Task, TaskChange } from '../../../contract/api/tasks.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import { changedTask, newTask } from './task.ts'
import { fieldsOf, fits, type TaskFilter, TaskIndex } from './task-index.ts'

export interface BoardDependencies {
  settings: Settings
  clock: Clock
  memory: MemoryTable
}

/** Characters that each task may have on average: titles and descriptions can be long, so the total text is bounded too. */
const CHARS_PER_TASK = 512

/** Estimates for a board without tasks, for each place in it, and for a task without its text; measured and rounded up. */
const BOARD_BYTES = 4096
const PLACE_BYTES = 120
const TASK_BYTES = 600

/**
 * The tasks of one tenant. Beyond `tasks.kept`, or its share of text, the oldest client-made tasks are forgotten.
 * Seeded tasks and the task that was written last stay until they are deleted.
 */
export class Board {
  readonly #dependencies: BoardDependencies
  readonly #seeded: readonly Task[]
  readonly #tasks = new Map<number, Task>()
  readonly #index = new TaskIndex()
  /** Ids of client-made tasks, oldest first. */
  readonly #made = new Set<number>()
  #chars = 0
  /** Ids of deleted tasks are not used again. */
  #nextId: number
  #memoryBytes = BOARD_BYTES
  #isChanged = false

  /**
   * @param seeded initial tasks, with ids from 1 without gaps; shared with other boards, so no board is charged for them
   * @throws ProblemError memory_exhausted
   */
  constructor(seeded: readonly Task[], dependencies: BoardDependencies) {
    this.#dependencies = dependencies
    this.#seeded = seeded
    this.#memoryBytes += PLACE_BYTES * seeded.length
    dependencies.memory.admit(this.#memoryBytes)
    for (const task of seeded) this.#keep(task)
    this.#nextId = seeded.length + 1
  }

  /** Whether a client has changed the board. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** Number of client-made tasks. */
  get made(): number {
    return this.#made.size
  }

  find(id: number): Task | undefined {
    return this.#tasks.get(id)
  }

  /** @throws ProblemError unknown_project, unknown_assignee */
  create(request: NewTask): Task {
    const task = newTask(this.#nextId, request, this.#now())
    this.#nextId += 1
    this.#isChanged = true
    this.#keep(task)
    this.#made.add(task.id)
    this.#grew(this.#bytesOf(task))
    this.#forgetBut(task.id)
    return task
  }

  /**
   * Returns the task with a change applied, without keeping it; the same object if the change has no effect.
   * @throws ProblemError unknown_project, unknown_assignee
   */
  draft(task: Task, change: TaskChange): Task {
    return changedTask(task, change, this.#now())
  }

  /** Replaces the task that a draft was made from. */
  replace(task: Task): void {
    const before = this.#tasks.get(task.id) as Task
    this.#tasks.set(task.id, task)
    this.#index.replace(before, task)
    this.#chars += charsOf(task) - charsOf(before)
    this.#isChanged = true
    this.#grew(this.#bytesOf(task) - this.#bytesOf(before))
    this.#forgetBut(task.id)
  }

  remove(task: Task): void {
    this.#tasks.delete(task.id)
    this.#made.delete(task.id)
    this.#index.remove(task)
    this.#chars -= charsOf(task)
    this.#isChanged = true
    this.#grew(-this.#bytesOf(task))
  }

  /** Forgets the oldest client-made task; returns whether there was one. */
  forgetOldestMade(): boolean {
    for (const id of this.#made) {
      this.remove(this.#tasks.get(id) as Task)
      return true
    }
    return false
  }

  /** Releases the board, which must not be used again. */
  discard(): void {
    this.#grew(-this.#memoryBytes)
  }

  /** Returns the matching tasks, newest first, from `start` to before `end`; `total` counts all matches. */
  list(filter: TaskFilter, start: number, end: number): { items: Task[]; total: number } {
    const candidates = this.#index.candidates(filter)
    const items: Task[] = []
    // A filter with one field matches the index list of that value, so the page can be cut from it.
    if (fieldsOf(filter).length <= 1) {
      candidates.visit(start, task => (items.push(task) < end - start ? 'more' : 'enough'))
      return { items, total: candidates.length }
    }
    let total = 0
    candidates.visit(0, task => {
      if (!fits(task, filter)) return 'more'
      if (total >= start && total < end) items.push(task)
      total += 1
      return 'more'
    })
    return { items, total }
  }

  #keep(task: Task): void {
    this.#tasks.set(task.id, task)
    this.#index.add(task)
    this.#chars += charsOf(task)
  }

  #forgetBut(written: number): void {
    const { kept } = this.#dependencies.settings.current.tasks
    for (const id of this.#made) {
      if (this.#tasks.size <= kept && this.#chars <= kept * CHARS_PER_TASK) return
      if (id !== written) this.remove(this.#tasks.get(id) as Task)
    }
  }

  /** Estimates the memory of a task. A seeded task is shared, so it is not counted until it is replaced. */
  #bytesOf(task: Task): number {
    return this.#seeded[task.id - 1] === task ? PLACE_BYTES : PLACE_BYTES + TASK_BYTES + 2 * charsOf(task)
  }

  #grew(bytes: number): void {
    this.#memoryBytes += bytes
    this.#dependencies.memory.adjust(bytes)
  }

  #now(): string {
    return new Date(this.#dependencies.clock.wallTime()).toISOString()
  }
}

function charsOf({ title, description }: Task): number {
  return title.length + description.length
}
