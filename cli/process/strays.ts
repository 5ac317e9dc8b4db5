import { plain } from '../../harness/report/terminal.ts'
import type { ProcessGuard } from '../../harness/run/process-guard.ts'

/** Prints exceptions that the scenario threw before or after the run. They do not change the verdict. */
export function tellStrays({ uncaught: { outside } }: Pick<ProcessGuard, 'uncaught'>): void {
  if (outside.count === 0) return
  const many = outside.count === 1 ? 'once' : `${outside.count} times`
  const examples = outside.examples.map(example => `  ${plain(example)}\n`).join('')
  process.stderr.write(
    `Note: before or after the run the scenario threw ${many} outside of any iteration:\n${examples}`,
  )
}
