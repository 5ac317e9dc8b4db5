import { Crew } from './crew.ts'
import type { Executor } from './floor.ts'
import { runToTheEnd } from './iteration-budget.ts'
import type { IterationBudget } from './plan.ts'

/** All users draw on one number of iterations: the faster ones run more of them. */
export const sharedIterations: Executor<IterationBudget> = async (load, floor) => {
  const crew = new Crew(floor)
  let left = load.iterations
  crew.grow(load.vus, () => left-- > 0)
  await runToTheEnd(crew, load, floor)
}
