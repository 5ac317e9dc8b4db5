import { expect, it } from 'vitest'
import { control } from '../../../../../target/connections/frame.ts'
import { GrpcFrame, prefixed } from '../../../../../target/gateways/grpc/grpc-frame.ts'
import { readLibrary } from '../../../../../target/gateways/grpc/library.ts'
import { malformedFrame } from '../../../../../target/faults/stream/malformed.ts'

it('a malformed message has its length, and cannot be decoded', () => {
  const codec = readLibrary().codec('loadcell.v1.StreamItem')
  const frame = new GrpcFrame(prefixed(codec.serialize({ event: { stream: 'orders', offset: 7 } })), control)
  const spoiled = malformedFrame(frame)
  expect(codec.deserialize(frame.bytes.subarray(5))).toMatchObject({ event: { stream: 'orders', offset: 7 } })
  expect(spoiled).toMatchObject({ isMalformed: true, payloadBytes: frame.payloadBytes })
  expect(() => codec.deserialize(spoiled.bytes.subarray(5))).toThrow(/invalid|illegal/)
})
