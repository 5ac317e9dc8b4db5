import type { SocketProblemCode } from '../../contract/sockets/frames.ts'

/** Thrown by whatever refuses a frame: it is answered with an error frame, and the socket stays open. */
export class SocketRefusal extends Error {
  readonly code: SocketProblemCode

  constructor(code: SocketProblemCode, detail: string) {
    super(detail)
    this.name = 'SocketRefusal'
    this.code = code
  }
}
