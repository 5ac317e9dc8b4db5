/** The scenarios that were written from a document or recording, not yet on disk. */
export interface WrittenFiles {
  /** Text by name. */
  files: ReadonlyMap<string, string>
  /** One line on what they were written from. */
  summary: string
  /** Sentences on what was left out, and what is to be decided. */
  notes: readonly string[]
  /** Environment variables that the scenarios need. */
  variables: readonly string[]
  /** URL of the server; undefined for the embedded target. */
  target: string | undefined
}
