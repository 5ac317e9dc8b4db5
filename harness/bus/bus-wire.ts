import type { MessageBus } from './message-bus.ts'
import type { PacketWire } from './reliable-link.ts'

/** Returns a wire over two subjects of a bus, one for each direction. */
export function busWire(bus: MessageBus, { to, from }: { to: string; from: string }): PacketWire {
  const endings: (() => void)[] = []
  return {
    send: packet => bus.publish(to, packet),
    receive({ packet, healed }) {
      endings.push(
        bus.listen(from, ({ bytes }) => packet(bytes)),
        bus.onHealed(healed),
      )
    },
    close() {
      for (const end of endings.splice(0)) end()
    },
  }
}
