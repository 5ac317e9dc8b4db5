import { dottedPath, type PointedError } from '../../core/check.ts'

/** A problem with one key, and the source of its value. */
export interface ConfigurationIssue extends PointedError {
  origin?: string
}

/** Everything that is wrong with a configuration, a line each. */
export class ConfigurationError extends Error {
  readonly issues: readonly ConfigurationIssue[]

  constructor(issues: readonly ConfigurationIssue[]) {
    super(issues.map(line).join('\n'))
    this.name = 'ConfigurationError'
    this.issues = issues
  }
}

function line({ pointer, detail, origin }: ConfigurationIssue): string {
  const place = pointer === '' ? '' : `${dottedPath(pointer)}: `
  return `${place}${detail}${origin === undefined ? '' : ` (from ${origin})`}`
}
