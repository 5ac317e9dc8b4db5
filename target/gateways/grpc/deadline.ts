import { quotedStart } from '../../../core/quoted-start.ts'
import { ProblemError } from '../../exchange/problem.ts'

const MS_BY_UNIT: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
}

/** Returns the time in ms that a call may take, by its `grpc-timeout`; undefined without one. @throws ProblemError invalid_header */
export function timeoutMsIn(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  const found = typeof header === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(header) : null
  if (found === null) {
    throw new ProblemError(
      'invalid_header',
      `grpc-timeout: expected a number with a unit such as 100m, got ${quotedStart(String(header))}`,
    )
  }
  return Number(found[1]) * (MS_BY_UNIT[found[2]!] as number)
}

export function deadlineExceeded(): ProblemError {
  return new ProblemError('deadline_exceeded', 'the deadline of the call has passed')
}
