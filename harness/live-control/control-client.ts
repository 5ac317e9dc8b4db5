import { connect } from 'node:net'
import { type ControlCommand, writtenCommand } from './control-command.ts'
import type { RunAnswer } from './control-server.ts'
import { removeSocket, socketFolders, socketsIn } from './socket-folder.ts'

/** A run answers at once, unless its event loop is busy. */
const ANSWERED_WITHIN_MS = 5000
const MOST_BYTES = 1024 * 1024
const ENDED = 'the run ended without an answer'

/** A run did not answer. The message says why, without a full stop. */
export class Unanswered extends Error {
  /** Nothing listens on the socket. */
  readonly isGone: boolean

  constructor(message: string, isGone: boolean) {
    super(message)
    this.isGone = isGone
  }
}

/** Asks the run at a socket for its state or, with a command, gives it that. @throws Unanswered */
export function askRun(path: string, command?: ControlCommand): Promise<RunAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RunAnswer>()
  let text = ''
  const socket = connect(path)
  const fail = (reason: string, isGone = false) => {
    socket.destroy()
    reject(new Unanswered(reason, isGone))
  }
  socket.setEncoding('utf8')
  socket.setTimeout(ANSWERED_WITHIN_MS, () => fail(`the run did not answer within ${ANSWERED_WITHIN_MS / 1000} s`))
  socket.on('connect', () => socket.write(`${command === undefined ? '' : JSON.stringify(writtenCommand(command))}\n`))
  socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) =>
    fail(code === 'ECONNRESET' ? ENDED : message, code === 'ECONNREFUSED' || code === 'ENOENT'),
  )
  socket.on('data', (chunk: string) => {
    text += chunk
    if (text.length > MOST_BYTES) fail('the answer is too long')
  })
  socket.on('end', () => {
    const answer = readAnswer(text)
    if (answer === undefined) fail(text === '' ? ENDED : 'what listens there is no run of this version of Loadcell')
    else resolve(answer)
  })
  return promise
}

function readAnswer(text: string): RunAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<RunAnswer>
    return typeof answer.status?.id === 'string' ? (answer as RunAnswer) : undefined
  } catch {
    return undefined
  }
}

/** A run of this user that goes on now. */
export interface FoundRun extends RunAnswer {
  path: string
}

/**
 * Returns the runs of this user that go on now, oldest first. It removes the sockets of those that are gone.
 * @param unanswered is called with the reason for each run that does not answer
 * @throws NoSocketFolder
 */
export async function findRuns(env: NodeJS.ProcessEnv, unanswered: (reason: string) => void): Promise<FoundRun[]> {
  const found = await Promise.all(
    socketFolders(env)
      .flatMap(socketsIn)
      .map(async path => {
        try {
          return [{ path, ...(await askRun(path)) }]
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error
          if (error.isGone) removeSocket(path)
          else unanswered(`${path}: ${error.message}`)
          return []
        }
      }),
  )
  return found.flat().sort((a, b) => a.status.since - b.status.since)
}
