/** A message of a bus. */
export interface BusMessage {
  bytes: Uint8Array
  /** Answers a request; does nothing for other messages. */
  answer(bytes: Uint8Array): void
}

/** Passes on messages by subject, to all who listen. It loses those that are sent while it is cut, or while nobody listens. */
export interface MessageBus {
  /** Where it is, in words without credentials. */
  readonly place: string
  /** Largest message that it carries. */
  readonly mostBytes: number
  /** Never throws. */
  publish(subject: string, bytes: Uint8Array): void
  /** @returns what ends it */
  listen(subject: string, receiver: (message: BusMessage) => void): () => void
  /** Returns the first answer; undefined when none comes in time. Never rejects. */
  request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined>
  /** Calls the listener each time that the bus is whole again after a cut. @returns what ends it */
  onHealed(listener: () => void): () => void
}

/** Keeps files for those on the bus, for an hour at most. */
export interface BundleStore {
  /** @throws ClusterUnavailable */
  put(name: string, bytes: Uint8Array): Promise<StoredBundle>
  /** @throws ClusterUnavailable when it is not there any more */
  get(stored: StoredBundle): Promise<Uint8Array>
  /** Never rejects. */
  remove(stored: StoredBundle): Promise<void>
}

export interface StoredBundle {
  name: string
  /** Number of messages that it is kept in. */
  parts: number
  bytes: number
}

/** A cluster that cannot be used. The message says what is wrong, `nextStep` what to do. */
export class ClusterUnavailable extends Error {
  readonly nextStep: string

  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
}

/** The cluster does not answer, which may pass. */
export class ClusterUnreachable extends ClusterUnavailable {}
