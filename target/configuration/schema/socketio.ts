import { duration } from '../../../core/distributions/value.ts'
import { flag, integer, section } from './setting.ts'

export const SocketioConfiguration = section({
  enabled: flag(false, 'Serve Socket.IO at /socket.io/; needs the package socket.io.'),
  pingInterval: duration('25s', 'Time between two pings of Engine.IO; read when the target starts.'),
  pingTimeout: duration('20s', 'Time for the answer to a ping; then the session ends. Read when the target starts.'),
  connectTimeout: duration(
    '45s',
    'Time for the first CONNECT of a session; then it ends. Read when the target starts.',
  ),
  upgradeTimeout: duration('10s', 'Time for an upgrade from polling to WebSocket. Read when the target starts.'),
  payloadBytes: integer(
    [1024, 16_777_216],
    262_144,
    'Maximum size in bytes of what a client posts at once. Read when the target starts.',
  ),
  payloadPackets: integer([1, 100_000], 1000, 'Maximum number of packets that a client posts at once.'),
  recoveryTime: duration(
    '2m',
    'How long the state of a lost connection is kept for its client to recover; 0: not at all.',
  ),
  recoveryEvents: integer(
    [1, 100_000],
    200,
    'Number of its last events among which a lost connection finds where to go on.',
  ),
  recoveries: integer([0, 1_000_000], 10_000, 'Maximum number of lost connections whose state is kept.'),
})
