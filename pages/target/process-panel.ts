import type { TargetSnapshot } from '../../contract/target-page.ts'
import { LargeNumbers } from '../widgets/large-numbers.ts'
import { bytes, count, percent } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

/** CPU, memory and connections of the process of the target. */
export class ProcessPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #numbers = new LargeNumbers({
    cpu: 'of one core',
    loop: 'event loop busy',
    memory: 'resident memory',
    budget: 'of the memory budget',
    connections: 'TCP connections',
    viewers: 'viewers of this page',
  })

  constructor() {
    this.root = panelFrame(
      'process',
      'The target itself',
      'If its event loop is busy all the time, you measure this process and not the service that it plays.',
      this.#numbers.root,
    )
  }

  show({ process }: TargetSnapshot): void {
    this.#numbers.show({
      cpu: percent(process.cpuShare),
      loop: percent(process.loopShare),
      memory: bytes(process.rssBytes),
      budget: percent(process.budgetUsedBytes / process.budgetLimitBytes),
      connections: count(process.connections),
      viewers: count(process.viewers),
    })
  }

  restart(): void {}
}
