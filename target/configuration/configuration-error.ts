import { dottedPath, type PointedError } from '../../core/check.ts'

/** A problem with one key, and the source of its value. */
export interface ConfigurationFault extends PointedError {
  origin?: string
}

/** Everything that is wrong with a configuration, a line each. */
export class ConfigurationError extends Error {
  readonly faults: readonly ConfigurationFault[]

  constructor(faults: readonly ConfigurationFault[]) {
    super(faults.map(line).join('\n'))
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

function line({ pointer, detail, origin }: ConfigurationFault): string {
  const place = pointer === '' ? '' : `${dottedPath(pointer)}: `
  return `${place}${detail}${origin === undefined ? '' : ` (from ${origin})`}`
}
