import { oneOf, type Vocabulary } from '../vocabulary.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { assigneeIds, projectIds, type Task, taskPriorities, type TaskStatus } from '../../../contract/api/tasks.ts'
import { parseDuration } from '../../../core/duration.ts'
import { type Random, randomInteger, weightedPick } from '../../../core/random.ts'
import { Board, type BoardDependencies } from './board.ts'

export interface TasksDependencies extends Omit<BoardDependencies, 'memory'> {
  memory: MemoryBudget
  vocabulary: Vocabulary
  random: Random
  lifecycle: Lifecycle
}

/** A tenant's board, and the wall time of its last use. */
interface UsedBoard {
  readonly board: Board
  usedAt: number
}

/** The tasks of all tenants. All boards begin with the same tasks and then diverge. */
export class Tasks {
  readonly #dependencies: TasksDependencies
  /** Least recently used first. */
  readonly #boards = new Map<string, UsedBoard>()

  /** Initial tasks, which all boards share. */
  #seeded: readonly Task[] = []

  constructor(dependencies: TasksDependencies) {
    this.#dependencies = dependencies
    dependencies.memory.table('tasks', () => this.#forgetIdle() || this.#forgetUnchanged() || this.#forgetMade())
    dependencies.lifecycle.onReset('data', () => this.reset())
  }

  /**
   * Returns the board of a tenant; the first request creates it. Beyond `streams.tenants` the board that was idle the
   * longest is forgotten.
   * @throws ProblemError too_many_tenants, memory_exhausted
   */
  board(tenant: string): Board {
    const known = this.#boards.get(tenant)
    if (known === undefined) return this.#add(tenant)
    known.usedAt = this.#dependencies.clock.wallTime()
    this.#boards.delete(tenant)
    this.#boards.set(tenant, known)
    return known.board
  }

  /** Restores the seeded tasks of all boards. */
  reset(): void {
    for (const tenant of this.#boards.keys()) this.#forget(tenant)
  }

  #add(tenant: string): Board {
    const { settings, clock, memory } = this.#dependencies
    const { streams, tasks } = settings.current
    if (this.#boards.size >= streams.tenants && !this.#forgetIdle() && !this.#forgetUnchanged()) {
      const idleSeconds = Math.max(1, Math.ceil(parseDuration(streams.tenantIdleAge) / 1000))
      throw new ProblemError(
        'too_many_tenants',
        `the target already keeps the tasks of ${streams.tenants} tenants (streams.tenants), none of which was idle for ` +
          `${idleSeconds} s (streams.tenantIdleAge); ${tenant} would be one more`,
        { headers: { 'retry-after': String(idleSeconds) } },
      )
    }
    const board = new Board(this.#seededTasks(tasks.seeded), { settings, clock, memory: memory.table('tasks') })
    this.#boards.set(tenant, { board, usedAt: clock.wallTime() })
    return board
  }

  #seededTasks(count: number): readonly Task[] {
    if (this.#seeded.length !== count) {
      const { random, vocabulary } = this.#dependencies
      this.#seeded = Array.from({ length: count }, (_, index) => seededTask(index + 1, random, vocabulary))
    }
    return this.#seeded
  }

  #forget(tenant: string): void {
    this.#boards.get(tenant)?.board.discard()
    this.#boards.delete(tenant)
  }

  #forgetIdle(): boolean {
    const { settings, clock } = this.#dependencies
    const [idlest] = this.#boards
    if (idlest === undefined) return false
    const [tenant, { usedAt }] = idlest
    if (clock.wallTime() - usedAt < parseDuration(settings.current.streams.tenantIdleAge)) return false
    this.#forget(tenant)
    return true
  }

  /** Forgets a board without changes. Nothing is lost: it is made again on demand. */
  #forgetUnchanged(): boolean {
    for (const [tenant, { board }] of this.#boards) {
      if (board.isChanged) continue
      this.#forget(tenant)
      return true
    }
    return false
  }

  /** Forgets the oldest client-made task of the board with the most of them. */
  #forgetMade(): boolean {
    let most: Board | undefined
    for (const { board } of this.#boards.values()) if (board.made > (most?.made ?? 0)) most = board
    return most?.forgetOldestMade() ?? false
  }
}

/** Returns a task that every board has from the start. Its content depends only on the seed and its id. @param id from 1 */
export function seededTask(id: number, random: Random, { chores, descriptions }: Vocabulary): Task {
  const draws = random.fork('tasks', id)
  const chore = oneOf(draws, chores)
  const made = FIRST_MADE_AT_MS + id * APART_MS + randomInteger(draws, APART_MS)
  const status = weightedPick(draws, STATUSES)
  const createdAt = new Date(made).toISOString()
  return {
    id,
    project_id: oneOf(draws, projectIds),
    title: chore.charAt(0).toUpperCase() + chore.slice(1),
    description: oneOf(draws, descriptions),
    status: status.name,
    priority: oneOf(draws, taskPriorities),
    assignee_id: draws.next() < UNASSIGNED_SHARE ? null : oneOf(draws, assigneeIds),
    version: 1,
    created_at: createdAt,
    updated_at: createdAt,
  }
}

const FIRST_MADE_AT_MS = Date.UTC(2024, 0, 1)
/** Small enough that even the last of 100,000 seeded tasks is created in the past. */
const APART_MS = 5 * 60_000
const UNASSIGNED_SHARE = 0.2
const STATUSES: { name: TaskStatus; weight: number }[] = [
  { name: 'open', weight: 45 },
  { name: 'in_progress', weight: 25 },
  { name: 'done', weight: 30 },
]
