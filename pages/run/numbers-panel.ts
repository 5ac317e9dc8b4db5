import type { RunFeedState } from '../run-feed.ts'
import { write } from '../widgets/element.ts'
import { LargeNumbers } from '../widgets/large-numbers.ts'
import { count, milliseconds, percent, perSecond } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { BothEnds } from './run-seconds.ts'
import type { RunPanel } from './run-panel.ts'

/** The run in a few numbers. */
export class NumbersPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #title: HTMLElement
  readonly #numbers = new LargeNumbers({
    rate: 'requests in the last second',
    requests: 'requests',
    failed: 'failed',
    users: 'users',
    iterations: 'iterations',
    dropped: 'iterations dropped',
    response: 'response time p95, from when it was due',
    service: 'service time p95, from when it was sent',
    delay: 'p99 of the delay of the generator',
  })

  constructor() {
    this.root = panelFrame(
      'numbers',
      'Now',
      'Times and counts are of the whole run. A long delay of the generator makes all times doubtful.',
      this.#numbers.root,
    )
    this.#title = this.root.querySelector('h2')!
  }

  show({ totals, end }: RunFeedState, seconds: readonly BothEnds[]): void {
    const latest = seconds.findLast(({ seen }) => seen !== undefined)?.seen
    const { requests, failed, iterations, droppedIterations, response, service, sendDelayP99Ms } = totals
    write(this.#title, end === undefined ? 'Now' : 'At the end')
    this.#numbers.show({
      rate: latest === undefined ? '–' : perSecond(latest.requests),
      requests: count(requests),
      failed: requests === 0 ? '–' : `${count(failed)} (${percent(failed / requests)})`,
      users: latest === undefined ? '–' : count(latest.users),
      iterations: count(iterations),
      dropped: count(droppedIterations),
      response: milliseconds(response.p95Ms),
      service: milliseconds(service.p95Ms),
      delay: milliseconds(sendDelayP99Ms),
    })
  }
}
