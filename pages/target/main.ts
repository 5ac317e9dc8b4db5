import type { TargetHello, TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'
import { LiveFeed } from '../widgets/live-feed.ts'
import { FeedStatus } from '../widgets/feed-status.ts'
import { clockTime } from '../widgets/quantity.ts'
import { themeSwitch } from '../widgets/theme.ts'
import { heldToken } from '../widgets/token.ts'
import type { LivePanel } from './panel.ts'
import { RequestsPanel } from './requests-panel.ts'

const base = document.querySelector<HTMLElement>('script[data-base]')!.dataset['base']!
const panels: LivePanel[] = [new RequestsPanel()]
let boot: string | undefined

const status = new FeedStatus(token => {
  heldToken.set(token)
  feed.retry()
})
const about = element('p', { class: 'muted' })
const feed = new LiveFeed({
  address: `${base}/feed`,
  token: heldToken.get,
  onState: (state, detail) => status.show(state, detail),
  onEvent(name, data) {
    if (name === 'hello') greet(data as TargetHello)
    else if (name === 'snapshot') for (const panel of panels) panel.show(data as TargetSnapshot)
  },
})

function greet(hello: TargetHello): void {
  about.textContent = `Version ${hello.version}, started at ${clockTime(hello.startedAt)}`
  if (boot !== undefined && boot !== hello.boot) {
    status.say(`The target was started again at ${clockTime(hello.startedAt)}: its counts began anew.`)
    for (const panel of panels) panel.restart()
  }
  boot = hello.boot
}

document.querySelector('#header')!.append(element('h1', {}, 'Loadcell target'), about, status.root, themeSwitch())
document.querySelector('#main')!.replaceChildren(...panels.map(({ root }) => root))
feed.start()
