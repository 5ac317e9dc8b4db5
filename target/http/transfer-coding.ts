import type { IncomingMessage } from 'node:http'
import { quotedStart } from '../../core/quoted-start.ts'
import { ProblemError } from '../exchange/problem.ts'

/**
 * Returns the problem of a body with transfer codings below `chunked`, which only the recipient could undo (RFC 9112 §6.1). One whose
 * last coding is another has no end, and is refused by the parser.
 */
export function codingRefusal({ headers }: IncomingMessage): ProblemError | undefined {
  const codings = headers['transfer-encoding']
  if (codings === undefined || !/,\s*chunked\s*$/i.test(codings)) return undefined
  return new ProblemError('unknown_transfer_coding', `Transfer-Encoding: expected chunked, got ${quotedStart(codings)}`)
}
