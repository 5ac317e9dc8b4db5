import { duration } from '../../../core/distributions/value.ts'
import { flag, integer, section } from './setting.ts'

export const StompConfiguration = section({
  enabled: flag(false, 'Serve STOMP over WebSocket at /stomp.'),
  heartbeat: duration(
    '10s',
    'Shortest interval of heart-beats, both ways; 0: none. A client whose heart-beats stay away for twice as long as agreed is closed with 1008.',
  ),
  connectTimeout: duration('3s', 'Time for the CONNECT of a WebSocket; then it is closed with 4408.'),
  headers: integer([8, 1000], 64, 'Maximum number of headers of a frame.'),
  headBytes: integer([256, 1_048_576], 16_384, 'Maximum size in bytes of the command and headers of a frame together.'),
  bodyBytes: integer([1, 16_777_216], 262_144, 'Maximum size in bytes of the body of a frame.'),
  window: integer(
    [1, 10_000],
    100,
    'Maximum number of unacknowledged messages of a subscription with acknowledgements. What comes meanwhile waits in the stream or room.',
  ),
  redeliveries: integer(
    [0, 100],
    3,
    'How often a message is delivered again after a NACK; then it goes to the room dead-letters.',
  ),
  transactions: integer([0, 1000], 16, 'Maximum number of transactions under way on a connection.'),
  transactionFrames: integer([1, 10_000], 100, 'Maximum number of frames of a transaction.'),
})
