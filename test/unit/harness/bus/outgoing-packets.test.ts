import { expect, it } from 'vitest'
import { OutgoingPackets } from '../../../../harness/bus/outgoing-packets.ts'

it('packets are kept when a confirmation is for one that was never sent', () => {
  const outgoing = new OutgoingPackets()
  for (const text of ['one', 'two']) outgoing.add({ kind: 'part', isLast: true, bytes: Buffer.from(text) })
  outgoing.takeNew(0)
  outgoing.receivedUpTo(0x7f000000, 1)
  expect(outgoing.takeAgain(2).map(({ sequence }) => sequence)).toEqual([1, 2])
  outgoing.receivedUpTo(2, 3)
  expect(outgoing.isEmpty).toBe(true)
})
