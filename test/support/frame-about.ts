import type { ChannelEventAbout } from '../../target/connections/frame.ts'

/** Describes the frame of an event. */
export function eventAbout(sequence: number | 'presence', channel = 'channel'): ChannelEventAbout {
  return { kind: 'event', channel, sequence }
}
