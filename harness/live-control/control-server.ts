import { createServer, type Server, type Socket } from 'node:net'
import { readCommand } from './control-command.ts'
import type { Acknowledgement, RunControls, RunStatus } from './run-controls.ts'
import { removeSocket } from './socket-folder.ts'

/** A command takes a few hundred bytes. */
const MOST_BYTES = 4096
const MOST_CONNECTIONS = 16
const ASKED_WITHIN_MS = 5000

/** An answer of a run: its state, and the acknowledgement of a command. */
export interface RunAnswer {
  status: RunStatus
  /** Absent if the question was for the state only. */
  acknowledgement?: Acknowledgement
}

/** Listens on a socket for commands to a run: a line of JSON each, answered by a line. */
export class ControlServer {
  readonly #server: Server
  readonly #path: string

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  /** @throws if the socket cannot be opened */
  static async open(path: string, controls: RunControls): Promise<ControlServer> {
    // A process that had this number before may have been killed.
    removeSocket(path)
    const server = createServer(socket => serve(socket, controls))
    server.maxConnections = MOST_CONNECTIONS
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(path, resolve)
    await promise
    server.on('error', () => {})
    // It keeps no process alive: a run that is over ends.
    server.unref()
    return new ControlServer(server, path)
  }

  close(): void {
    this.#server.close()
    removeSocket(this.#path)
  }
}

function serve(socket: Socket, controls: RunControls): void {
  let text = ''
  socket.unref()
  socket.setEncoding('utf8')
  socket.setTimeout(ASKED_WITHIN_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end !== -1) socket.end(`${JSON.stringify(answer(text.slice(0, end), controls))}\n`)
    else if (text.length > MOST_BYTES) socket.end(`${JSON.stringify(tooLong(controls))}\n`)
    if (end !== -1 || text.length > MOST_BYTES) socket.removeAllListeners('data').resume()
  })
}

function answer(line: string, controls: RunControls): RunAnswer {
  if (line === '') return { status: controls.status() }
  try {
    const acknowledgement = controls.give(readCommand(JSON.parse(line)))
    return { status: controls.status(), acknowledgement }
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'expected a line of JSON' : (error as Error).message
    return { status: controls.status(), acknowledgement: { state: 'refused', reason } }
  }
}

function tooLong(controls: RunControls): RunAnswer {
  const reason = `expected a command of at most ${MOST_BYTES} bytes`
  return { status: controls.status(), acknowledgement: { state: 'refused', reason } }
}
