import { describe, expect, it } from 'vitest'
import type { PoolMember } from '../../../../../target/connections/pool.ts'
import { connectionBuffers } from '../../../../../target/control/page/connection-buffers.ts'

function member(bufferedBytes: number): PoolMember {
  const connection = { bufferedBytes, roomBytes: Math.max(0, 1_000_000 - bufferedBytes), payloadBytes: 5 }
  const exchange = { operation: 'streams.read', key: `client-${bufferedBytes}`, tenant: 'public' }
  return { connection, exchange } as unknown as PoolMember
}

describe('connectionBuffers', () => {
  it('adds up ten thousand connections, and shows the few for which most waits', () => {
    const waiting = Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 10_000)
    const { open, bufferedBytes, sizes, fullest } = connectionBuffers([
      waiting.map(member),
      [member(20_000), member(500_000)],
    ])
    expect({ open, bufferedBytes, sizes }).toEqual({
      open: 10_002,
      bufferedBytes: waiting.reduce((sum, bytes) => sum + bytes, 520_000),
      sizes: [1, 9999, 1, 1],
    })
    expect(fullest.map(each => each.bufferedBytes)).toEqual([500_000, 20_000, 9999, 9998, 9997, 9996, 9995, 9994])
    expect(fullest[0]).toMatchObject({ key: 'client-500000', filled: 0.5, sentBytes: 5 })
  })

  it('shows nothing without connections', () => {
    expect(connectionBuffers([[], []])).toEqual({ open: 0, bufferedBytes: 0, sizes: [0, 0, 0, 0], fullest: [] })
  })
})
