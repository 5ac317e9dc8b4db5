/** A server that people would use in place of the target, from its public registry. */
export interface PeerServer {
  name: string
  version: string
  /** The registry that it comes from. */
  registry: 'Maven Central' | 'npm' | 'the Go module proxy'
  /** Installs it into the folder. @throws Error if it cannot be had here */
  install: (folder: string) => Promise<void>
  /** Prepares the answer, which is JSON, and says how to serve it on a port of the loopback address. */
  serve: (folder: string, port: number, answer: string) => Serving
}

/** How a peer serves the answer. */
export interface Serving {
  command: readonly [executable: string, ...args: string[]]
  /** Where the answer is. */
  path: string
}

/** The path at which peers serve the answer, if they let one choose. */
export const ANSWER_PATH = '/answer'
