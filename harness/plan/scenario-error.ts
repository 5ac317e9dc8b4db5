/** The errors in a scenario or an option. Each line names the place, what was expected and what came. */
export class ScenarioError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}
