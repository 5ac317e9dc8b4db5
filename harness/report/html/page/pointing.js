// Reads and zooms charts by the keyboard, and says aloud what is under the cursor.
/* global document, reportPage */
;(() => {
  'use strict'

  const { isOverTime, plotAt, zoomTo } = reportPage
  const ZOOM = 2
  const aloud = document.createElement('p')
  aloud.className = 'aloud'
  aloud.setAttribute('role', 'status')
  document.body.append(aloud)

  /** Returns the point under the cursor; the middle one without a cursor. */
  const indexOf = plot => plot.cursor.idx ?? Math.floor(plot.data[0].length / 2)

  function pointAt(plot, wanted) {
    const [from, to] = [plot.valToIdx(plot.scales.x.min), plot.valToIdx(plot.scales.x.max)]
    const index = Math.min(to, Math.max(from, wanted))
    plot.setCursor({ left: plot.valToPos(plot.data[0][index], 'x'), top: plot.bbox.height / 4 }, true, true)
    const said = [...plot.root.querySelectorAll('.u-series')].map(row => {
      const [label, value] = ['.u-label', '.u-value'].map(part => row.querySelector(part)?.textContent.trim() ?? '')
      return `${label} ${value}`.trim()
    })
    aloud.textContent = said.join(', ')
  }

  function zoom(plot, factor) {
    const { min, max } = plot.scales.x
    const middle = plot.data[0][indexOf(plot)]
    const [first, last] = [plot.data[0][0], plot.data[0].at(-1)]
    const [from, to] = [middle - (middle - min) / factor, middle + (max - middle) / factor]
    if (from <= first && to >= last) zoomTo()
    else zoomTo({ min: Math.max(first, from), max: Math.min(last, to) })
  }

  const moves = {
    ArrowLeft: (plot, index) => pointAt(plot, index - 1),
    ArrowRight: (plot, index) => pointAt(plot, index + 1),
    PageUp: (plot, index) => pointAt(plot, index - 10),
    PageDown: (plot, index) => pointAt(plot, index + 10),
    Home: plot => pointAt(plot, 0),
    End: plot => pointAt(plot, plot.data[0].length - 1),
  }
  const zooms = { '+': ZOOM, '=': ZOOM, '-': 1 / ZOOM, '−': 1 / ZOOM }

  for (const place of document.querySelectorAll('.plot')) {
    place.addEventListener('keydown', event => {
      const plot = plotAt(place)
      if (event.target !== place || plot === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key in moves) moves[event.key](plot, indexOf(plot))
      else if (event.key in zooms && isOverTime(plot)) zoom(plot, zooms[event.key])
      else if (event.key === 'Escape' && isOverTime(plot)) zoomTo()
      else return
      event.preventDefault()
    })
  }
})()
