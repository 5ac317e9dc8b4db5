import { isName, nameRule } from '../../contract/name.ts'
import { type SocketProblemCode, socketProblems } from '../../contract/sockets/frames.ts'
import { quotedStart } from '../../core/quoted-start.ts'

/** Thrown to refuse a frame. It is answered with an error frame, and the socket stays open. */
export class SocketRefusal extends Error {
  readonly code: SocketProblemCode
  /** Whether it has been answered, so that it only has to be counted. */
  readonly isAnswered: boolean

  constructor(code: SocketProblemCode, detail: string, isAnswered = false) {
    super(detail)
    this.name = 'SocketRefusal'
    this.code = code
    this.isAnswered = isAnswered
  }
}

/** Checks a name that is part of a longer one. @throws SocketRefusal */
export function checkName(what: string, name: string): void {
  if (isName(name)) return
  throw new SocketRefusal('invalid_name', `${what}: expected ${nameRule}, got ${quotedStart(name)}`)
}

/** Returns the code under which the ledger counts a refusal: that of frames which is nearest. */
export function countedCode(code: string): SocketProblemCode {
  if (isForbidden(code)) return 'forbidden'
  return code in socketProblems ? (code as SocketProblemCode) : 'invalid_request'
}

/** Whether the client lacks a right. */
export function isForbidden(code: string): boolean {
  return code === 'invalid_token' || code === 'insufficient_scope' || code === 'forbidden'
}
