import { element } from '../widgets/element.ts'
import { FeedStatus } from '../widgets/feed-status.ts'
import { LiveFeed } from '../widgets/live-feed.ts'
import { themeSwitch } from '../widgets/theme.ts'
import type { LabListState, LabState } from './lab-state.ts'
import { LabView } from './lab-view.ts'
import { ListView } from './list-view.ts'

const [, lab] = /^\/labs\/([a-z-]+)$/.exec(location.pathname) ?? []
const heading = element('h1', {}, 'Labs')
const status = new FeedStatus(() => feed.retry())
const list = new ListView()
const view = new LabView(lab ?? '', status)
const feed = new LiveFeed({
  address: lab === undefined ? '/feed' : `/feed?lab=${lab}`,
  token: () => undefined,
  onState: (state, detail) => status.show(state, detail),
  onEvent(name, data) {
    if (name === 'list') list.show(data as LabListState)
    else if (name === 'lab') showLab(data as LabState)
  },
})

function showLab(state: LabState): void {
  const title = `${state.number}. ${state.title}`
  if (heading.textContent !== title) {
    heading.textContent = title
    document.title = `${state.title} · Loadcell`
  }
  view.show(state)
}

const way = lab === undefined ? '' : element('nav', { 'aria-label': 'Labs' }, element('a', { href: '/' }, 'All labs'))
document.querySelector('#header')!.append(heading, way, status.root, themeSwitch())
document.querySelector('#main')!.replaceChildren(lab === undefined ? list.root : view.root)
feed.start()
