import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { SingleLoadScenario } from '../../../harness/scenario.ts'

/** A run after which both ends must have counted the same. */
export interface CountCase {
  name: string
  rules: FaultRule[]
  definition: SingleLoadScenario
  /** Every request is answered, so that each response has its time. */
  isWhole: boolean
  /** How the run is ended before its time, in the middle of its work. */
  end?: 'signal' | 'kill'
}
