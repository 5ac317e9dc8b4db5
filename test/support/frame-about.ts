import type { ChannelEventAbout } from '../../target/connections/frame.ts'

/** What a frame of an event is about. */
export function eventAbout(sequence: number | 'presence', channel = 'channel'): ChannelEventAbout {
  return { kind: 'event', channel, sequence }
}
