import type { CrewMember } from './member.ts'

/** The place where workers wait until the users of all of them have begun, so that the arrivals of a load begin at one moment. */
export class StartingLine {
  /** By the index of the load. */
  readonly #waiting = new Map<number, Set<CrewMember>>()

  arrive(load: number, member: CrewMember): void {
    const waiting = this.#waiting.get(load) ?? new Set()
    this.#waiting.set(load, waiting.add(member))
  }

  /** Takes the loads for which all of these workers wait. One that is lost, or has ended its loads, keeps nobody waiting. */
  takeComplete(busy: readonly CrewMember[]): number[] {
    const complete = [...this.#waiting].filter(([, waiting]) => busy.every(member => waiting.has(member)))
    for (const [load] of complete) this.#waiting.delete(load)
    return complete.map(([load]) => load)
  }
}
