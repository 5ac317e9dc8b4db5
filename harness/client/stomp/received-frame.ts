import { StompFrame } from '../../../contract/stomp/frame.ts'

/** A frame of the broker, and the connection that it came over: an acknowledgement counts only there. */
export class ReceivedFrame extends StompFrame {
  /** Ordinal of the connection. */
  readonly connection: number

  constructor({ command, headers, bytes }: StompFrame, connection: number) {
    super(command, headers, bytes)
    this.connection = connection
  }
}
