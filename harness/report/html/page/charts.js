// Draws all charts, and again when colours, the width or what they show change.
/* global document, matchMedia, reportPage, ResizeObserver, uPlot */
;(() => {
  'use strict'

  const { data, overTime, byPercentile, sinceMark, heatMap } = reportPage
  const HEIGHT_PX = 210
  const logSwitch = document.querySelector('[data-log]')
  const zoomOut = document.querySelector('[data-zoom-out]')
  /** Charts of the chosen view by id, and its heat map; those of all requests otherwise. */
  let view = { charts: {} }
  let plots = []

  function chartOf(id) {
    if (id === 'spectrum') return byPercentile()
    if (id === 'heat') return heatMap(view.heat ?? data.heat)
    if (id in data.recoveries) return sinceMark(data.recoveries[id])
    return overTime(view.charts[id] ?? data.charts[id], logSwitch?.checked ?? false)
  }

  const placeOf = plot => plot.root.parentElement
  const idOf = plot => placeOf(plot).dataset.chart
  const isOverTime = plot => idOf(plot) === 'heat' || idOf(plot) in data.charts

  /** The legend hides and shows lines, by the keyboard as well. */
  function makeLegendUsable(plot) {
    plot.root.querySelector('.u-legend')?.setAttribute('role', 'presentation')
    plot.root.querySelectorAll('.u-series').forEach((row, index) => {
      const heading = row.querySelector('th')
      if (index === 0 || idOf(plot) === 'heat') return
      heading.tabIndex = 0
      heading.setAttribute('role', 'button')
      heading.setAttribute('aria-pressed', String(plot.series[index].show))
      heading.addEventListener('keydown', event => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        plot.setSeries(index, { show: !plot.series[index].show })
      })
    })
  }

  function tellShown(plot, index) {
    const heading = plot.root.querySelectorAll('.u-series')[index]?.querySelector('th')
    if (index > 0 && heading?.hasAttribute('aria-pressed'))
      heading.setAttribute('aria-pressed', String(plot.series[index].show))
  }

  function draw(place) {
    const { options, columns } = chartOf(place.dataset.chart)
    const plot = new uPlot({ width: place.clientWidth, height: HEIGHT_PX, ...options }, columns, place)
    plot.hooks.setSeries = [(one, index) => tellShown(one, index)]
    plot.hooks.setScale = [showZoom]
    makeLegendUsable(plot)
    place.tabIndex = 0
    return plot
  }

  const isZoomed = ({ scales: { x }, data: [seconds] }) => x.min > seconds[0] || x.max < seconds.at(-1)

  function showZoom() {
    if (zoomOut !== null) zoomOut.hidden = !plots.some(plot => isOverTime(plot) && isZoomed(plot))
  }

  /** Shows these seconds in all charts over time; all seconds without any. */
  function zoomTo(range) {
    for (const plot of plots.filter(isOverTime)) {
      const [seconds] = plot.data
      plot.setScale('x', range ?? { min: seconds[0], max: seconds.at(-1) })
    }
  }

  /** Draws all charts, or those with these ids, which keep the seconds that they show. */
  function drawAll(ids) {
    const places = [...document.querySelectorAll('.plot')].filter(({ dataset }) => ids?.includes(dataset.chart) ?? true)
    const before = plots.find(plot => isOverTime(plot) && isZoomed(plot))?.scales.x
    const range = before && { min: before.min, max: before.max }
    const outdated = plots.filter(plot => places.includes(placeOf(plot)))
    plots = plots.filter(plot => !outdated.includes(plot))
    for (const plot of outdated) plot.destroy()
    plots = [...plots, ...places.map(draw)]
    if (range !== undefined) zoomTo(range)
  }
  drawAll()

  // This includes printing, which is always light.
  matchMedia('screen and (prefers-color-scheme: dark)').addEventListener('change', () => drawAll())
  logSwitch?.addEventListener('change', () => drawAll())
  zoomOut?.addEventListener('click', () => zoomTo())
  const resized = new ResizeObserver(() => {
    for (const plot of plots) {
      const width = placeOf(plot).clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height })
    }
  })
  for (const place of document.querySelectorAll('.plot')) resized.observe(place)

  Object.assign(reportPage, {
    zoomTo,
    isOverTime,
    plotAt: place => plots.find(plot => placeOf(plot) === place),
    show(chosen) {
      const ids = [...new Set([...Object.keys(view.charts), ...Object.keys(chosen.charts), 'heat'])]
      view = chosen
      drawAll(ids)
    },
  })
})()
