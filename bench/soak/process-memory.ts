import { readdirSync, readFileSync } from 'node:fs'

const PAGE_BYTES = 4096

/** Returns the resident memory of a process; undefined when it has ended. */
export function residentBytes(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
  } catch {
    return undefined
  }
}

/** Returns the processes that a process has started, in the order of their start. */
export function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const pids = threads.flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    return pids.filter(text => text !== '').map(Number)
  } catch {
    return []
  }
}
