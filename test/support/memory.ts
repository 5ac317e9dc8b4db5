import { MemoryBudget, type MemoryTable } from '../../target/memory/budget.ts'

/** A budget that is never spent. */
export function plenty(): MemoryBudget {
  return new MemoryBudget()
}

/** A table of such a budget. */
export function roomy(): MemoryTable {
  return plenty().table('outboxes')
}
