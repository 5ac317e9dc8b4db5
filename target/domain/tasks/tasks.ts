import type { Random } from '../../../core/random.ts'
import { ProblemError } from '../../problem.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { Board, type BoardParts } from './board.ts'
import { seededTask } from './seeded-task.ts'

export interface TasksParts extends BoardParts {
  vocabulary: Vocabulary
  random: Random
}

/** The tasks of all tenants. Every board begins with the same ones, and is its tenant's own from then on. */
export class Tasks {
  readonly #parts: TasksParts
  readonly #boards = new Map<string, Board>()

  constructor(parts: TasksParts) {
    this.#parts = parts
  }

  /**
   * The board of a tenant, made at its first request and kept until the reset.
   * @throws ProblemError too_many_tenants
   */
  board(tenant: string): Board {
    return this.#boards.get(tenant) ?? this.#add(tenant)
  }

  /** Back to the seed. */
  reset(): void {
    this.#boards.clear()
  }

  #add(tenant: string): Board {
    const { settings, random, vocabulary } = this.#parts
    const { streams, tasks } = settings.current
    if (this.#boards.size >= streams.tenants) {
      throw new ProblemError(
        'too_many_tenants',
        `the target already keeps the tasks of ${streams.tenants} tenants (streams.tenants); ${tenant} would be one more`,
      )
    }
    const seeded = Array.from({ length: tasks.seeded }, (_, index) => seededTask(index + 1, random, vocabulary))
    const board = new Board(seeded, this.#parts)
    this.#boards.set(tenant, board)
    return board
  }
}
