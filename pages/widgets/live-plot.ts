import uPlot from 'uplot'
import { element } from './element.ts'
import { drawSoon } from './frames.ts'
import { onThemeChange } from './theme.ts'

export type LivePlotOptions = Omit<uPlot.Options, 'width' | 'legend' | 'cursor'>

interface PlotSource {
  /** Returns how to draw, in the colours of the page now. */
  options: () => LivePlotOptions
  /** Returns what to draw now. */
  data: () => uPlot.AlignedData
}

/** A drawing as wide as its place. The caption of its chart says the same in words, so screen readers skip it. */
export class LivePlot {
  readonly root = element('div', { class: 'plot', 'aria-hidden': 'true' })
  readonly #source: PlotSource
  #drawn: uPlot | undefined

  constructor(source: PlotSource) {
    this.#source = source
    onThemeChange(() => {
      // The library keeps the colours with which it began.
      this.#drawn?.destroy()
      this.#drawn = undefined
      this.draw()
    })
    new ResizeObserver(() => this.draw()).observe(this.root)
  }

  /** Draws with the next frame. */
  draw(): void {
    drawSoon(this.#paint)
  }

  readonly #paint = () => {
    const width = this.root.clientWidth
    if (width === 0) return
    const data = this.#source.data()
    this.#drawn ??= new uPlot(
      { ...this.#source.options(), width, legend: { show: false }, cursor: { show: false } },
      data,
      this.root,
    )
    if (this.#drawn.width !== width) this.#drawn.setSize({ width, height: this.#drawn.height })
    this.#drawn.setData(data)
  }
}
