import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Behaviour } from '../scenario.ts'

/** A kind of user as the scenario describes it, checked. */
export interface UserPlan {
  name: string
  share: number
  think?: Distribution
  pacing?: Distribution
  behaviour: Behaviour<unknown>
}
