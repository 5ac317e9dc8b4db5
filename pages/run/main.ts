import type { RunFeedMessage, RunFeedPhase } from '../run-feed.ts'
import { Announcer } from '../widgets/announcer.ts'
import { FeedStatus } from '../widgets/feed-status.ts'
import { LiveFeed } from '../widgets/live-feed.ts'
import { themeSwitch } from '../widgets/theme.ts'
import { heldToken } from '../widgets/token.ts'
import { ChartsPanel } from './charts-panel.ts'
import { ControlPanel } from './control-panel.ts'
import { DetailsPanel } from './details-panel.ts'
import { EndPanel } from './end-panel.ts'
import { JudgementPanel } from './judgement-panel.ts'
import { NotesPanel } from './notes-panel.ts'
import { NumbersPanel } from './numbers-panel.ts'
import { phaseWords } from './phase-words.ts'
import { mayControl, takeKey } from './run-command.ts'
import { RunHeader } from './run-header.ts'
import { RunSeconds } from './run-seconds.ts'

takeKey()
const seconds = new RunSeconds()
const header = new RunHeader()
const notes = new NotesPanel()
const controls = new ControlPanel()
// Nothing that appears late stands above the controls, or they would move away from under the pointer.
const panels = [
  controls,
  notes,
  new EndPanel(),
  new NumbersPanel(),
  new ChartsPanel(),
  new JudgementPanel(),
  new DetailsPanel(),
]
const announcer = new Announcer()
let phase: RunFeedPhase | undefined

const status = new FeedStatus(key => {
  heldToken.set(key)
  feed.retry()
})
const feed = new LiveFeed({
  address: '/feed',
  token: heldToken.get,
  onState(state, detail) {
    status.show(state, detail)
    if (state === 'lost') {
      header.lose()
      notes.lose()
    }
    if (state === 'live') void mayControl().then(may => controls.allow(may))
  },
  onEvent(_name, data) {
    show(data as RunFeedMessage)
  },
})

function show(message: RunFeedMessage): void {
  const { state } = message
  seconds.add(message)
  const listed = seconds.list()
  header.show(state)
  for (const panel of panels) panel.show(state, listed)
  // The first one is no news.
  if (phase !== undefined && phase !== state.phase) announcer.say(phaseWords[state.phase])
  phase = state.phase
}

controls.allow(false)
document.querySelector('#header')!.append(header.root, status.root, themeSwitch(), announcer.root)
document.querySelector('#main')!.replaceChildren(...panels.map(({ root }) => root))
feed.start()
