import type { NewTask, Task, TaskChange } from '../../../contract/api/tasks.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import { changedTask, newTask } from './task.ts'
import { fieldsOf, fits, type TaskFilter, TaskIndex } from './task-index.ts'

export interface BoardParts {
  settings: Settings
  clock: Clock
  memory: MemoryTable
}

/** Titles and descriptions may be long: a board's are bounded too, as if each task that may be kept had so many. */
const CHARS_PER_TASK = 512

/** What a board takes without tasks, each place in it, and a task besides its text. Measured, and rounded up. */
const BOARD_BYTES = 4096
const PLACE_BYTES = 120
const TASK_BYTES = 600

/**
 * The tasks of one tenant. Past `tasks.kept`, or its share of text, those that clients made are forgotten, oldest first;
 * those it began with stay until they are deleted, and so does the one that was written last.
 */
export class Board {
  readonly #parts: BoardParts
  readonly #seeded: readonly Task[]
  readonly #tasks = new Map<number, Task>()
  readonly #index = new TaskIndex()
  /** Ids of what clients made, oldest first. */
  readonly #made = new Set<number>()
  #chars = 0
  /** No id is given twice, whatever is deleted. */
  #nextId: number
  #memoryBytes = BOARD_BYTES
  #isChanged = false

  /**
   * @param seeded what it begins with, ids from 1 without a gap; shared with other boards, which keep it in memory anyway
   * @throws ProblemError memory_exhausted
   */
  constructor(seeded: readonly Task[], parts: BoardParts) {
    this.#parts = parts
    this.#seeded = seeded
    this.#memoryBytes += PLACE_BYTES * seeded.length
    parts.memory.admit(this.#memoryBytes)
    for (const task of seeded) this.#keep(task)
    this.#nextId = seeded.length + 1
  }

  /** Whether a client has written anything to it. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** How many of its tasks clients made. */
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
   * What a change would make of a task; nothing is kept yet. The very same task if it says what is so already.
   * @throws ProblemError unknown_project, unknown_assignee
   */
  draft(task: Task, change: TaskChange): Task {
    return changedTask(task, change, this.#now())
  }

  /** Keeps a draft in place of the task it was made of. */
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

  /** Returns whether there was one. */
  forgetOldestMade(): boolean {
    for (const id of this.#made) {
      this.remove(this.#tasks.get(id) as Task)
      return true
    }
    return false
  }

  /** Nobody will use it again. */
  discard(): void {
    this.#grew(-this.#memoryBytes)
  }

  /** Those that fit, newest first, from place `start` to before `end`; `total` counts all that fit. */
  list(filter: TaskFilter, start: number, end: number): { items: Task[]; total: number } {
    const candidates = this.#index.candidates(filter)
    const items: Task[] = []
    // A value's list is just what a filter of that one field asks for: its page can be taken out.
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
    const { kept } = this.#parts.settings.current.tasks
    for (const id of this.#made) {
      if (this.#tasks.size <= kept && this.#chars <= kept * CHARS_PER_TASK) return
      if (id !== written) this.remove(this.#tasks.get(id) as Task)
    }
  }

  /** A seeded task is paid for by nobody until it is replaced. */
  #bytesOf(task: Task): number {
    return this.#seeded[task.id - 1] === task ? PLACE_BYTES : PLACE_BYTES + TASK_BYTES + 2 * charsOf(task)
  }

  #grew(bytes: number): void {
    this.#memoryBytes += bytes
    if (bytes > 0) this.#parts.memory.charge(bytes)
    else this.#parts.memory.release(-bytes)
  }

  #now(): string {
    return new Date(this.#parts.clock.wallTime()).toISOString()
  }
}

function charsOf({ title, description }: Task): number {
  return title.length + description.length
}
