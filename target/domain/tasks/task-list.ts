import type { Task } from '../../../contract/api/tasks.ts'

/** A block that has grown to this is parted. */
const BLOCK = 512

/**
 * Tasks in order of their ids, in blocks: a task that comes or goes moves the others of its block, however many tasks
 * there are.
 */
export class TaskList {
  /** None is empty; ids rise within and over them. */
  readonly #blocks: Task[][] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A task that it does not hold yet. */
  add(task: Task): void {
    this.#length += 1
    const at = this.#blockOf(task)
    const block = this.#blocks[at]
    if (block === undefined) {
      this.#blocks.push([task])
      return
    }
    block.splice(placeIn(block, task), 0, task)
    if (block.length > BLOCK) this.#blocks.splice(at, 1, ...halves(block, at === this.#blocks.length - 1))
  }

  /** A task that it holds, as it is now. */
  replace(task: Task): void {
    const block = this.#blocks[this.#blockOf(task)] as Task[]
    block[placeIn(block, task)] = task
  }

  /** A task that it holds. */
  remove(task: Task): void {
    this.#length -= 1
    const at = this.#blockOf(task)
    const block = this.#blocks[at] as Task[]
    block.splice(placeIn(block, task), 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** Shows its tasks, newest first from the place given (0 is the newest), until `visit` has seen enough. */
  visit(from: number, visit: (task: Task) => 'more' | 'enough'): void {
    let skipped = from
    for (let at = this.#blocks.length - 1; at >= 0; at -= 1) {
      const block = this.#blocks[at] as Task[]
      for (let place = block.length - 1 - skipped; place >= 0; place -= 1) {
        if (visit(block[place] as Task) === 'enough') return
      }
      skipped = Math.max(0, skipped - block.length)
    }
  }

  /** Index of the last block that begins at or before the task; the first block if none does. */
  #blockOf({ id }: Task): number {
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (((this.#blocks[middle] as Task[])[0] as Task).id <= id) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** Index of the first task in the block with this id or a larger one. */
function placeIn(block: readonly Task[], { id }: Task): number {
  let [low, high] = [0, block.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((block[middle] as Task).id < id) low = middle + 1
    else high = middle
  }
  return low
}

/** The last block is where the new ones go: it stays full, and what comes next begins another. */
function halves(block: Task[], isLast: boolean): [Task[], Task[]] {
  const middle = isLast ? BLOCK : BLOCK >>> 1
  return [block.slice(0, middle), block.slice(middle)]
}
