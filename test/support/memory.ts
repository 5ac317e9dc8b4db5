import { MemoryBudget, type MemoryTable } from '../../target/memory/budget.ts'

/** A memory budget that is never exhausted. */
export function plenty(): MemoryBudget {
  return new MemoryBudget()
}

/** A table of such a budget. */
export function roomy(): MemoryTable {
  return plenty().table('outboxes')
}
