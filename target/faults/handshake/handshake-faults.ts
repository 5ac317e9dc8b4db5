import type { FaultOf } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { FaultsBook } from '../../exchange/account.ts'
import type { Faults } from '../faults.ts'
import type { FaultTypeIn, Injection } from '../injection.ts'

/** Flaw of the certificate that a connection is shown. */
type Flaw = FaultOf<'certificate'>['how']

/** The effect of faults on the handshake of a connection. */
export interface FaultedHandshake {
  /** Undefined for the certificate of the target itself. */
  flaw: Flaw | undefined
  /** Resolves when the handshake may go on, or the client has left. */
  wait: (left: AbortSignal) => Promise<void>
}

interface HandshakeFaultsDependencies {
  faults: Pick<Faults, 'on' | 'handshakeRules'>
  clock: Clock
  /** The account of connections: no run is known during a handshake. */
  account: () => FaultsBook
}

/** Effects of the faults of one handshake, collected in the order of their rules. */
interface Effects {
  flaw: Flaw | undefined
  delays: { injection: Injection; plannedMs: number }[]
}

/** All faults of handshakes, by the type in their rules. Of several certificates, the first is shown. */
const handshakeFaults: {
  readonly [Type in FaultTypeIn<'handshake'>]: (injection: Injection<Type>, effects: Effects) => void
} = {
  slow_handshake: (injection, { delays }) => void delays.push({ injection, plannedMs: injection.drawMs() }),
  certificate: ({ fault }, effects) => void (effects.flaw ??= fault.how),
}
const faultsByType: Readonly<Record<string, (injection: Injection<never>, effects: Effects) => void>> = handshakeFaults

/** Decides about the handshakes of connections, by the ordinals of their arrival since there were rules. */
export class HandshakeFaults {
  readonly #dependencies: HandshakeFaultsDependencies
  #ordinal = 0

  constructor(dependencies: HandshakeFaultsDependencies) {
    this.#dependencies = dependencies
  }

  /** Whether there is any rule. Callers check it first, so that a target without rules does no further work. */
  get on(): boolean {
    const { faults } = this.#dependencies
    const isOn = faults.on && faults.handshakeRules.length > 0
    if (!isOn) this.#ordinal = 0
    return isOn
  }

  /** Decides about the next connection, and counts the decision. */
  decide(): FaultedHandshake {
    const { faults, clock, account } = this.#dependencies
    const ordinal = this.#ordinal++
    const effects: Effects = { flaw: undefined, delays: [] }
    for (const rule of faults.handshakeRules) {
      const injection = rule.inject(account(), ordinal)
      if (injection !== undefined) faultsByType[injection.fault.type]?.(injection, effects)
    }
    return {
      flaw: effects.flaw,
      async wait(left) {
        for (const { injection, plannedMs } of effects.delays) {
          if (left.aborted) return
          const from = clock.now()
          await clock.sleep(plannedMs, left)
          injection.delayed(plannedMs, clock.now() - from)
        }
      },
    }
  }
}
