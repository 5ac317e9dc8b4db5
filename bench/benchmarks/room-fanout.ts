import { startChild } from '../processes/process.ts'
import { startTarget } from '../processes/target.ts'
import { type Bench, emptyReport } from '../measurement/report.ts'
import { compareFollowed, following } from '../contenders/following.ts'

const FOLLOWERS = [100, 1000]

/** A protocol whose fan-out to the followers of a room is compared with that of a server without a target's work. */
interface RoomFanout {
  name: 'socketio' | 'stomp'
  protocol: string
  floor: { path: string; name: string; column: string }
  description: string
  notes: string[]
}

export const socketio = roomFanout({
  name: 'socketio',
  protocol: 'Socket.IO',
  floor: { path: 'floors/library-socketio.ts', name: 'socket.io', column: '÷ socket.io' },
  description: 'Socket.IO: fan-out of the target against the library alone',
  notes: [
    'The library alone emits to a room. It has no tokens, limits, budgets, history, faults or ledger, and no offsets in its events.',
    'The next message is sent when every follower has the last one. All follow over WebSocket.',
  ],
})

export const stomp = roomFanout({
  name: 'stomp',
  protocol: 'STOMP',
  floor: { path: 'floors/bare-stomp.ts', name: 'bare ws', column: '÷ bare' },
  description: 'STOMP: fan-out of the target against a bare loop with ws',
  notes: [
    'The bare loop sends the same text to every socket. It reads nothing of a frame but its first word, and has no tokens, limits, budgets, history, faults or ledger.',
    'The next message is sent when every follower has the last one. All subscriptions have the same id, as those of most clients have, so that the target encodes a message once.',
  ],
})

function roomFanout({ name, protocol, floor, description, notes }: RoomFanout): Bench {
  return {
    name,
    description,
    async run(rounds) {
      const report = emptyReport(notes)
      const [followers, target, bare] = await Promise.all([
        startChild('generator', `meters/${name}-followers.ts`),
        startTarget({ [`${name}.enabled`]: 'true' }),
        startChild('server', floor.path),
      ])
      try {
        for (const count of FOLLOWERS) {
          const { table, mark, readings } = await compareFollowed(
            [following('target', target, followers, count), following(floor.name, bare, followers, count)],
            {
              title: `${count} followers of a room over ${protocol}`,
              columns: ['server', 'deliveries/s', 'rounds', floor.column, 'server CPU µs/delivery'],
              claim: `deliveries/s to ${count} followers ÷ ${floor.name}`,
            },
            rounds,
          )
          report.tables.push(table)
          report.marks.push(mark)
          report.readings.push({ followers: count, ...readings })
        }
        return report
      } finally {
        await Promise.all([followers, target, bare].map(child => child.stop()))
      }
    },
  }
}
