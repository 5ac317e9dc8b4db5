/** How a link ended. */
export interface LinkEnd {
  /** `closed`: one side closed it on purpose. `lost`: the other side is gone, or cannot be reached any more. */
  state: 'closed' | 'lost'
  /** The reason in words, without a full stop: "its process ended with SIGKILL". */
  detail: string
}

/**
 * One side of a connection between the coordinator of a run and a worker. Links differ in what carries the messages: a call, a
 * channel between processes, a message bus. All of them keep the order of messages, and lose none until they end. A message may
 * come twice, so receivers count them.
 */
export interface Link<Sent, Received> {
  /** Sends a message. All that it refers to has been read when this returns. After the end of the link, it does nothing. */
  send(message: Sent): void
  /** Passes on each message to the only receiver, in order. Messages that came before this call are passed on first. */
  receive(receiver: (message: Received) => void): void
  /** Resolves when no more messages will come, after the last was received. Never rejects. */
  readonly ended: Promise<LinkEnd>
  /** Closes the link when all that was sent has left. The other side ends as well, once it has received everything. */
  close(): void
}

/** Turns messages into text and back, for links between processes. */
export interface MessageCodec<Sent, Received> {
  encode(message: Sent): string
  /** @throws MalformedMessage */
  decode(text: string): Received
}

/** A message that cannot be understood: another version sent it, or something else altogether. */
export class MalformedMessage extends RangeError {}
