import { Server } from 'socket.io'
import type { MemberState, Recoveries } from './recoveries.ts'

/** A lost connection, as the library describes it. */
interface LostSession {
  sid: string
  /** The secret that its client sends to recover it. */
  pid: string
  data: MemberState
}

type AdapterClass = Exclude<ReturnType<Server['adapter']>, Server | undefined>

/** Keeps the states of lost connections within the limits of the target. What was missed is read from the domain, not kept. */
export function recoveringAdapter(recoveries: Recoveries): AdapterClass {
  const Library = new Server().adapter() as new (namespace: unknown) => { nsp: { name: string } }
  class RecoveringAdapter extends Library {
    persistSession({ sid, pid, data }: LostSession): void {
      recoveries.keep(`${this.nsp.name} ${pid}`, sid, data)
    }

    restoreSession(pid: string, offset: string) {
      const taken = recoveries.take(`${this.nsp.name} ${pid}`, offset)
      if (taken === undefined) return Promise.resolve(null)
      return Promise.resolve({ sid: taken.sid, pid, rooms: [], data: taken.state, missedPackets: [] })
    }
  }
  return RecoveringAdapter as unknown as AdapterClass
}
