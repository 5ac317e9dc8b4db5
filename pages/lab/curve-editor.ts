import { drawn, element } from '../widgets/element.ts'
import { number } from '../widgets/quantity.ts'
import type { LabDrawing, LabPoint } from './lab-state.ts'
import { LabPlot } from './lab-plot.ts'

/** Steps of the arrow keys and of Page Up and Page Down, as shares of the axis. */
const STEP = 0.01
const PAGE = 0.1
/** A pointer this near to a point moves it. */
const REACH_PX = 10

/** A curve that the learner draws: with a pointer, with the arrow keys at each point, or by numbers. */
export class CurveEditor {
  readonly root: HTMLElement
  readonly #drawing: LabDrawing
  readonly #plot: LabPlot
  readonly #values = new Map<string, number>()
  readonly #handles = new Map<string, SVGElement>()
  readonly #inputs = new Map<string, HTMLInputElement>()
  readonly #line = drawn('path', { class: 'series predicted' })
  #pointer: { x: number; y: number } | undefined

  constructor(drawing: LabDrawing, id: string) {
    this.#drawing = drawing
    this.#plot = new LabPlot(drawing, () => this.#draw())
    for (const point of drawing.points) {
      this.#handles.set(point.measure, this.#handleFor(point))
      this.#inputs.set(point.measure, this.#inputFor(point, id))
    }
    this.#plot.marks.append(this.#line, ...this.#handles.values())
    this.#plot.root.classList.add('editor')
    this.#plot.root.setAttribute('role', 'group')
    this.#plot.root.setAttribute('aria-label', `Curve: ${drawing.y.label}`)
    this.#listen()
    const unit = drawing.y.unit === '' ? '' : ` in ${drawing.y.unit}`
    this.root = element(
      'figure',
      { class: 'curve' },
      element(
        'figcaption',
        {},
        element('strong', {}, drawing.ask),
        element(
          'span',
          {},
          'Draw from left to right with the pointer. Or move each point with the arrow keys, or write its number below.',
        ),
      ),
      this.#plot.root,
      element(
        'fieldset',
        { class: 'points' },
        element('legend', {}, `${drawing.y.label}${unit}, at`),
        ...drawing.points.map(({ measure, label }) => {
          const input = this.#inputs.get(measure)!
          return element('label', { for: input.id }, `${label} `, input)
        }),
      ),
    )
    for (const { measure } of drawing.points) this.#tell(measure)
  }

  /** The points that were drawn, as the learner would write it. */
  get texts(): [measure: string, text: string][] {
    return [...this.#inputs].flatMap(([measure, { value }]) =>
      value.trim() === '' ? [] : [[measure, this.#withUnit(value)]],
    )
  }

  /** Takes a new axis, after a setting has changed. Points above it come down to it. */
  set top(top: number) {
    if (top === this.#plot.top) return
    this.#plot.top = top
    for (const [measure, value] of this.#values) this.#set(measure, Math.min(value, top))
    for (const handle of this.#handles.values()) handle.setAttribute('aria-valuemax', String(top))
    this.#plot.draw()
  }

  set isDisabled(isDisabled: boolean) {
    for (const input of this.#inputs.values()) input.disabled = isDisabled
    for (const handle of this.#handles.values()) handle.setAttribute('aria-disabled', String(isDisabled))
    this.#plot.root.classList.toggle('disabled', isDisabled)
  }

  clear(): void {
    this.#values.clear()
    for (const input of this.#inputs.values()) input.value = ''
    for (const { measure } of this.#drawing.points) this.#tell(measure)
    this.#plot.draw()
  }

  #withUnit(text: string): string {
    return this.#drawing.y.unit === '%' && !text.includes('%') ? `${text} %` : text
  }

  #draw(): void {
    const { points } = this.#drawing
    const set = points.filter(({ measure }) => this.#values.has(measure))
    this.#line.setAttribute('d', this.#plot.path(set.map(({ measure, x }) => [x, this.#values.get(measure)!] as const)))
    for (const { measure, x } of points) {
      const handle = this.#handles.get(measure)!
      handle.setAttribute(
        'transform',
        `translate(${this.#plot.xAt(x)} ${this.#plot.yAt(this.#values.get(measure) ?? 0)})`,
      )
      handle.classList.toggle('open', !this.#values.has(measure))
    }
  }

  #handleFor({ measure, label }: LabPoint): SVGElement {
    const handle = drawn(
      'g',
      {
        class: 'handle',
        role: 'slider',
        tabindex: '0',
        'aria-orientation': 'vertical',
        'aria-label': `${this.#drawing.y.label} at ${label}`,
        'aria-valuemin': 0,
        'aria-valuemax': this.#drawing.top,
        'data-measure': measure,
      },
      drawn('circle', { class: 'target', r: 16 }),
      drawn('circle', { class: 'dot', r: 7 }),
    )
    handle.addEventListener('keydown', event => {
      const moved = this.#movedBy(event.key, this.#values.get(measure) ?? 0)
      if (moved === undefined || this.#isDisabled) return
      event.preventDefault()
      this.#set(measure, moved)
    })
    return handle
  }

  #movedBy(key: string, value: number): number | undefined {
    const { top } = this.#plot
    const steps: Record<string, number> = {
      ArrowUp: STEP,
      ArrowRight: STEP,
      ArrowDown: -STEP,
      ArrowLeft: -STEP,
      PageUp: PAGE,
      PageDown: -PAGE,
    }
    if (key === 'Home') return 0
    if (key === 'End') return top
    const step = steps[key]
    return step === undefined ? undefined : Math.min(top, Math.max(0, value + step * top))
  }

  #inputFor({ measure, label }: LabPoint, id: string): HTMLInputElement {
    const input = element('input', { id: `${id}-${measure}`, inputmode: 'decimal', size: 7, autocomplete: 'off' })
    input.dataset['point'] = label
    input.addEventListener('input', () => {
      const value = Number(input.value.replace(',', '.').replace('%', ''))
      if (input.value.trim() === '' || Number.isNaN(value)) this.#values.delete(measure)
      else this.#values.set(measure, value)
      this.#tell(measure)
      this.#plot.draw()
    })
    return input
  }

  get #isDisabled(): boolean {
    return this.#plot.root.classList.contains('disabled')
  }

  #listen(): void {
    const { root } = this.#plot
    root.addEventListener('pointerdown', event => {
      if (this.#isDisabled || event.button !== 0) return
      root.setPointerCapture(event.pointerId)
      this.#pointer = undefined
      this.#follow(event)
    })
    root.addEventListener('pointermove', event => {
      if (root.hasPointerCapture(event.pointerId)) this.#follow(event)
    })
  }

  /** Takes the points that the pointer has passed since its last place, or the one that it is nearest to. */
  #follow({ clientX, clientY }: PointerEvent): void {
    const bounds = this.#plot.root.getBoundingClientRect()
    const now = { x: clientX - bounds.left, y: clientY - bounds.top }
    const isFirst = this.#pointer === undefined
    const before = this.#pointer ?? now
    this.#pointer = now
    const places = this.#drawing.points.map(({ measure, x }) => ({ measure, at: this.#plot.xAt(x) }))
    for (const { measure, at } of places) {
      const share = (at - before.x) / (now.x - before.x)
      if (share >= 0 && share <= 1) this.#set(measure, this.#plot.valueAt(before.y + share * (now.y - before.y)))
    }
    const [nearest] = places.toSorted((a, b) => Math.abs(a.at - now.x) - Math.abs(b.at - now.x))
    // A line that goes on to the next point leaves this one where it crossed it.
    if (isFirst || Math.abs(nearest!.at - now.x) <= REACH_PX) this.#set(nearest!.measure, this.#plot.valueAt(now.y))
  }

  #set(measure: string, value: number): void {
    const step = STEP * this.#plot.top
    const rounded = Number((Math.round(value / step) * step).toPrecision(6))
    this.#values.set(measure, rounded)
    this.#inputs.get(measure)!.value = String(rounded)
    this.#tell(measure)
    this.#plot.draw()
  }

  #tell(measure: string): void {
    const handle = this.#handles.get(measure)!
    const value = this.#values.get(measure)
    const { unit } = this.#drawing.y
    handle.setAttribute('aria-valuenow', String(value ?? 0))
    handle.setAttribute('aria-valuetext', value === undefined ? 'not drawn yet' : `${number(value)} ${unit}`.trim())
  }
}
