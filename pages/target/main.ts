import type { TargetHello, TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'
import { LiveFeed } from '../widgets/live-feed.ts'
import { FeedStatus } from '../widgets/feed-status.ts'
import { clockTime } from '../widgets/quantity.ts'
import { themeSwitch } from '../widgets/theme.ts'
import { heldToken } from '../widgets/token.ts'
import { ConnectionsPanel } from './connections-panel.ts'
import { ControlsPanel } from './controls-panel.ts'
import { FaultsPanel } from './faults-panel.ts'
import { LedgerPanel } from './ledger-panel.ts'
import type { LivePanel } from './panel.ts'
import { ProcessPanel } from './process-panel.ts'
import { RecentPanel } from './recent-panel.ts'
import { RequestsPanel } from './requests-panel.ts'
import { StationsPanel } from './stations-panel.ts'
import { StreamsPanel } from './streams-panel.ts'

const base = document.querySelector<HTMLElement>('script[data-base]')!.dataset['base']!
const controls = new ControlsPanel(base)
const panels: readonly LivePanel[] = [
  new RequestsPanel(),
  new StationsPanel(),
  controls,
  new FaultsPanel(),
  new RecentPanel(),
  new StreamsPanel(),
  new ConnectionsPanel(),
  new ProcessPanel(),
  new LedgerPanel(base),
]
const main = document.querySelector<HTMLElement>('#main')!
let boot: string | undefined

const status = new FeedStatus(token => {
  heldToken.set(token)
  feed.retry()
})
const about = element('p', { class: 'muted' })
const feed = new LiveFeed({
  address: `${base}/feed`,
  token: heldToken.get,
  onState(state, detail) {
    status.show(state, detail)
    // Empty panels would only hide that a token is wanted.
    if (state === 'refused' || state === 'live') main.hidden = state === 'refused'
  },
  onEvent(name, data) {
    if (name === 'hello') greet(data as TargetHello)
    else if (name === 'setup') for (const panel of panels) panel.arrange?.(data as TargetSetup)
    else if (name === 'snapshot') for (const panel of panels) panel.show(data as TargetSnapshot)
  },
})

function greet(hello: TargetHello): void {
  about.textContent = `Version ${hello.version}, started at ${clockTime(hello.startedAt)}`
  controls.allow(hello.mayControl)
  if (boot !== undefined && boot !== hello.boot) {
    status.say(`The target was started again at ${clockTime(hello.startedAt)}: its counts began again.`)
    for (const panel of panels) panel.restart()
  }
  boot = hello.boot
}

document.querySelector('#header')!.append(element('h1', {}, 'Loadcell target'), about, status.root, themeSwitch())
const contents = element('nav', { 'aria-label': 'Panels', class: 'contents' })
for (const { root } of panels)
  contents.append(element('a', { href: `#${root.id}` }, root.querySelector('h2')!.textContent ?? ''))
main.replaceChildren(contents, ...panels.map(({ root }) => root))
feed.start()
