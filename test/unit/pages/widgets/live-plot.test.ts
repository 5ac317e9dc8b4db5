import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const made: FakePlot[] = []

class FakePlot {
  readonly options: { width: number; height: number }
  width: number
  readonly height: number
  data: unknown
  isDestroyed = false

  constructor(options: { width: number; height: number }, data: unknown) {
    this.options = options
    this.width = options.width
    this.height = options.height
    this.data = data
    made.push(this)
  }

  setSize({ width }: { width: number }): void {
    this.width = width
  }

  setData(data: unknown): void {
    this.data = data
  }

  destroy(): void {
    this.isDestroyed = true
  }
}

vi.mock('uplot', () => ({ default: FakePlot }))

/** Imports a widget by a computed name, because the types of this test are those of Node, and not those of browsers. */
function widget(name: string): Promise<object> {
  return import(new URL(`../../../../pages/widgets/${name}.ts`, import.meta.url).pathname) as Promise<object>
}

describe('a plot', () => {
  const place = { clientWidth: 0, setAttribute() {}, append() {} }
  let nextFrame: () => void = () => {}
  let recolour: () => void = () => {}
  let resized: () => void = () => {}

  beforeEach(() => {
    made.length = 0
    place.clientWidth = 600
    const select = { append() {}, addEventListener() {}, setAttribute() {} }
    vi.stubGlobal('document', {
      createElement: (name: string) => (name === 'div' ? place : select),
      addEventListener() {},
      documentElement: { dataset: {} },
      hidden: false,
    })
    vi.stubGlobal('localStorage', { getItem: () => null })
    vi.stubGlobal('matchMedia', () => ({
      addEventListener: (_: string, listener: () => void) => (recolour = listener),
    }))
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => (nextFrame = frame))
    vi.stubGlobal(
      'ResizeObserver',
      class {
        constructor(listener: () => void) {
          resized = listener
        }
        observe() {}
      },
    )
  })

  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  async function newPlot(data: () => [number[], number[]]): Promise<{ draw: () => void }> {
    const { LivePlot } = (await widget('live-plot')) as { LivePlot: new (source: object) => { draw: () => void } }
    const { themeSwitch } = (await widget('theme')) as { themeSwitch: () => void }
    const plot = new LivePlot({ options: () => ({ height: 200, series: [] }), data })
    themeSwitch()
    return plot
  }

  it('is as wide as its place, and takes new data and a new width', async () => {
    let data: [number[], number[]] = [[1], [2]]
    const plot = await newPlot(() => data)
    plot.draw()
    nextFrame()
    data = [
      [1, 2],
      [3, 4],
    ]
    place.clientWidth = 400
    resized()
    nextFrame()
    expect(made.map(({ width, height, data }) => ({ width, height, data }))).toEqual([
      { width: 400, height: 200, data },
    ])
  })

  it('is not drawn while its place has no width', async () => {
    place.clientWidth = 0
    const plot = await newPlot(() => [[], []])
    plot.draw()
    nextFrame()
    expect(made).toEqual([])
  })

  it('is drawn anew in the colours of another theme', async () => {
    const plot = await newPlot(() => [[1], [2]])
    plot.draw()
    nextFrame()
    recolour()
    nextFrame()
    expect(made.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false])
  })
})
