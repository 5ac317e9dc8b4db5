import type { FaultRuleReport } from '../contract/faults/report.ts'
import type { FaultRule } from '../contract/faults/rule.ts'
import type { CapacityReport, StationReport } from '../contract/faults/station-report.ts'
import { ControlPlane, type ControlPlaneOptions } from '../harness/control/control-plane.ts'

/** Sets fault rules of a target and looks at its stations, by its control plane. */
export class FaultsClient {
  readonly #control: ControlPlane

  constructor({ targetUrl, controlToken }: Pick<ControlPlaneOptions, 'targetUrl' | 'controlToken'>) {
    this.#control = new ControlPlane({ targetUrl, controlToken })
  }

  /** @throws Error with the target's response. */
  async set(rule: FaultRule): Promise<void> {
    await this.#send('PUT', `faults/${rule.id}`, rule)
  }

  async remove(id: string): Promise<void> {
    await this.#send('DELETE', `faults/${id}`)
  }

  /** Returns what a rule has done since it was set. */
  async report(id: string): Promise<FaultRuleReport> {
    return (await this.#send('GET', `faults/${id}`)) as FaultRuleReport
  }

  async station(name: string): Promise<StationReport> {
    const { stations } = (await this.#send('GET', 'capacity')) as CapacityReport
    const station = stations.find(station => station.name === name)
    if (station === undefined) throw new Error(`the target has no station ${name}; were its rules changed meanwhile?`)
    return station
  }

  async #send(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const { status, text } = await this.#control.ask(method, `/${path}`, body)
    if (status < 300) return text === '' ? undefined : JSON.parse(text)
    throw new Error(`the target’s control plane answered ${status} to ${method} ${path}: ${text}`)
  }
}
