import { Crew } from './crew.ts'
import type { Executor } from './floor.ts'
import { runToTheEnd } from './iteration-budget.ts'
import type { IterationBudget } from './plan.ts'

/** Every user runs the same number of iterations, each at its own speed. */
export const perVuIterations: Executor<IterationBudget> = async (load, floor) => {
  const crew = new Crew(floor)
  for (let count = 1; count <= load.vus; count++) {
    let left = load.iterations
    crew.grow(count, () => left-- > 0)
  }
  await runToTheEnd(crew, load, floor)
}
