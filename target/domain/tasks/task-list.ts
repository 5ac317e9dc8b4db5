import type { Task } from '../../../contract/api/tasks.ts'

/** Size at which a block is split. */
const BLOCK = 512

/**
 * Tasks sorted by id, in blocks. Adding or removing a task moves only the others of its block, whatever the length of the
 * list.
 */
export class TaskList {
  /** Blocks are not empty. Ids ascend within blocks and from block to block. */
  readonly #blocks: Task[][] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Adds a task that is not in the list. */
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

  /** Replaces a task of the list by its new state. */
  replace(task: Task): void {
    const block = this.#blocks[this.#blockOf(task)] as Task[]
    block[placeIn(block, task)] = task
  }

  /** Removes a task of the list. */
  remove(task: Task): void {
    this.#length -= 1
    const at = this.#blockOf(task)
    const block = this.#blocks[at] as Task[]
    block.splice(placeIn(block, task), 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** Visits the tasks, newest first, from this index on (0 is the newest), until `visit` has seen enough. */
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

/** New tasks go to the last block. A full one stays full, and the next task begins another. */
function halves(block: Task[], isLast: boolean): [Task[], Task[]] {
  const middle = isLast ? BLOCK : BLOCK >>> 1
  return [block.slice(0, middle), block.slice(middle)]
}
