import type { TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'
import { Announcer } from '../widgets/announcer.ts'
import { ChangeList } from '../widgets/change-list.ts'
import { element, write } from '../widgets/element.ts'
import { choiceField, numberField } from '../widgets/field.ts'
import { ask, reasonOf } from '../widgets/server.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import { ActionForm } from './action-form.ts'
import {
  type ArrangedForm,
  errorForm,
  latencyForm,
  presetForm,
  rateLimitForm,
  stationForm,
  timelineForm,
} from './fault-forms.ts'
import type { LivePanel } from './panel.ts'

const EXPIRIES = { 30_000: '30 seconds', 60_000: '1 minute', 300_000: '5 minutes', 1_800_000: '30 minutes' }

/** Changes the target: each change can be seen before it is made, ends by itself, and can be undone. */
export class ControlsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #base: string
  readonly #announcer = new Announcer()
  readonly #changes: ChangeList
  readonly #forms: readonly ArrangedForm[]
  readonly #controls: HTMLElement
  readonly #outcome = element('p', { class: 'outcome', role: 'status' })
  readonly #refusal = element('p', { class: 'muted', hidden: true }, 'You may look at this target, and not change it.')

  /** @param base address of the page */
  constructor(base: string) {
    this.#base = base
    const address = `${base}/changes`
    const expiry = choiceField('Changes end after', EXPIRIES)
    expiry.control.value = '60000'
    const environment = {
      address,
      expiresAfterMs: () => Number(expiry.control.value),
      onMade: ({ title }: { title: string }) => this.#announcer.say(`${title}. It ends by itself unless you keep it.`),
    }
    this.#forms = [latencyForm, errorForm, stationForm, rateLimitForm, presetForm, timelineForm].map(make =>
      make(environment),
    )
    this.#changes = new ChangeList({
      onConfirm: id => void this.#tell('POST', `${address}/${id}/confirm`, 'Kept'),
      onUndo: id => void this.#tell('DELETE', `${address}/${id}`, 'Undone'),
    })
    const undoAll = element('button', { type: 'button' }, 'Undo all')
    undoAll.addEventListener('click', () => void this.#tell('DELETE', address, 'All undone'))
    this.#controls = element(
      'div',
      {},
      element('div', { class: 'fields' }, expiry.root, undoAll),
      element(
        'div',
        { class: 'forms' },
        ...this.#forms.map(({ form }) => form.root),
        this.#disconnectForm().root,
        this.#resetForm().root,
      ),
    )
    this.root = panelFrame(
      'controls',
      'Change the target',
      'Each change ends by itself, even when this page is closed, unless you keep it.',
      this.#refusal,
      this.#changes.root,
      this.#outcome,
      this.#controls,
      this.#announcer.root,
    )
  }

  /** @param mayControl whether the viewer may change anything */
  allow(mayControl: boolean): void {
    this.#controls.hidden = !mayControl
    this.#refusal.hidden = mayControl
    if (!mayControl) this.#changes.makeReadOnly()
  }

  arrange(setup: TargetSetup): void {
    for (const { form, arrange } of this.#forms) {
      arrange(setup)
      form.follow(setup.changes)
    }
    this.#changes.show(setup.changes)
  }

  show({ at }: TargetSnapshot): void {
    this.#changes.setClock(at)
  }

  restart(): void {}

  #disconnectForm(): ActionForm {
    const share = numberField('share (%)', { min: 0, max: 100, step: 'any', value: 50 })
    return new ActionForm({
      title: 'Disconnect',
      about: 'Cuts a share of the open streams and WebSockets at once. Watch how their clients come back.',
      fields: [share],
      act: 'Disconnect',
      address: () => `${this.#base}/../disconnect?share=${share.control.valueAsNumber / 100}`,
      said: ({ disconnected }) => `${String(disconnected)} connections were cut.`,
    })
  }

  #resetForm(): ActionForm {
    const what = choiceField('what', { ledger: 'the ledger', streams: 'streams', data: 'data', all: 'everything' })
    return new ActionForm({
      title: 'Reset',
      about: 'Forgets what has happened. The totals of this page count on, because they count since the start.',
      fields: [what],
      act: 'Reset',
      address: () => `${this.#base}/../reset?what=${what.control.value}`,
      said: ({ reset }) => `Reset: ${String(reset)}.`,
    })
  }

  async #tell(method: string, address: string, done: string): Promise<void> {
    try {
      const { undone, detail } = await ask<{ undone?: boolean; detail?: string }>(method, address)
      this.#say(undone === false ? `Not undone: ${detail ?? ''}` : done, undone === false)
    } catch (error) {
      this.#say(reasonOf(error), true)
    }
  }

  #say(text: string, isWrong: boolean): void {
    write(this.#outcome, text)
    this.#outcome.classList.toggle('wrong', isWrong)
  }
}
