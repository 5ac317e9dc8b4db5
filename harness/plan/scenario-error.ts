/** A scenario, or an option over it, that cannot be run. Each line names the place, what was expected and what came. */
export class ScenarioError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}
