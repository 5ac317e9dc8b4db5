import { ProblemError } from '../../exchange/problem.ts'

/** The refusal of an event that the ledger counts as rejected, which its acknowledgement says. */
export class RejectedEvent extends ProblemError {}
