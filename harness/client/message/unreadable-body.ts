/** A response of another kind than expected, which is a failure of the target and not of the scenario. */
export class UnreadableBody extends SyntaxError {}
