// Runs in the browser, inside the report: draws the charts from the data block and makes tables sortable. `uPlot` is a global
// of the script before this one. Without this script, only the charts are missing.
/* global devicePixelRatio, document, getComputedStyle, matchMedia, ResizeObserver, uPlot */
;(() => {
  'use strict'

  const data = JSON.parse(document.getElementById('chart-data').textContent)
  const HEIGHT_PX = 210
  const DASHES = { solid: undefined, dashed: [7, 4], dotted: [2, 3] }
  /** Steps of a time axis in seconds, which are multiples of clock units. */
  const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400]

  document.documentElement.classList.add('scripted')
  document.getElementById('timeline')?.removeAttribute('open')

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

  const number = value =>
    value >= 100
      ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3)))
  const percent = share => `${number(share * 100)} %`
  const stopWatch = seconds => {
    const [hours, minutes, rest] = [
      Math.floor(seconds / 3600),
      Math.floor((seconds % 3600) / 60),
      Math.floor(seconds % 60),
    ]
    const padded = value => String(value).padStart(2, '0')
    return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`
  }
  /** For the legend: the value under the pointer, or nothing. */
  const shownAs = format => (_, value) => (value === null || value === undefined ? '' : format(value))
  /** Returns a range from zero with some room at the top. An axis that does not begin at zero exaggerates small changes. */
  const upTo = (max, air = 1.06) => [0, max > 0 ? max * air : 1]

  function axis(options) {
    return {
      font: `12px ${getComputedStyle(document.body).fontFamily}`,
      stroke: color('muted'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { show: false },
      ...options,
    }
  }

  function line({ label, tone, line, axis }, points, format = number) {
    return {
      label,
      stroke: color(tone),
      width: 1.75,
      dash: DASHES[line],
      points: { show: points < 3, size: 6 },
      scale: axis === 'right' ? 'right' : 'y',
      value: shownAs(format),
    }
  }

  const legendOf = series => ({ markers: { width: 2, dash: (_, index) => series[index - 1]?.line ?? 'solid' } })

  function clipped({ ctx, bbox }, draw) {
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`
    ctx.textAlign = 'left'
    ctx.textBaseline = 'top'
    draw(devicePixelRatio)
    ctx.restore()
  }

  /** Returns the visible bands, with their positions on the canvas. */
  const bandsOn = ({ bbox, valToPos }) =>
    data.bands
      .map(band => ({
        ...band,
        left: Math.max(bbox.left, valToPos(band.from, 'x', true)),
        right: Math.min(bbox.left + bbox.width, valToPos(band.to, 'x', true)),
      }))
      .filter(({ left, right }) => left < right)

  const tint = (ctx, ...place) => {
    ctx.globalAlpha = 0.14
    ctx.fillStyle = color('doubt')
    ctx.fillRect(...place)
    ctx.globalAlpha = 1
  }

  /** Draws the times of faults, behind everything else. */
  function drawBands(plot) {
    clipped(plot, () => {
      const { ctx, bbox } = plot
      for (const { left, right, faulty } of bandsOn(plot)) {
        if (faulty) tint(ctx, left, bbox.top, right - left, bbox.height)
      }
    })
  }

  /** Draws the names of the bands, and a line with a label at each mark. */
  function drawNames(plot) {
    const { ctx, bbox, valToPos } = plot
    clipped(plot, px => {
      /** Has its own background, so that no grid line crosses the text. */
      const name = (label, left, top, { faulty, tone }) => {
        const place = [left - px, top, ctx.measureText(label).width + 2 * px, 14 * px]
        ctx.fillStyle = color('paper')
        ctx.fillRect(...place)
        if (faulty) tint(ctx, ...place)
        ctx.fillStyle = color(tone)
        ctx.fillText(label, left, top + px)
      }
      for (const { left, right, label, faulty } of bandsOn(plot)) {
        // A name that does not fit would look like the name of the next band.
        if (ctx.measureText(label).width + 8 * px > right - left) continue
        name(label, left + 4 * px, bbox.top, { faulty, tone: faulty ? 'doubt' : 'muted' })
      }
      ctx.strokeStyle = color('doubt')
      ctx.lineWidth = px
      ctx.setLineDash([4 * px, 3 * px])
      // Below the names of the bands.
      const top = bbox.top + (data.bands.length > 0 ? 15 * px : 0)
      for (const { second, label } of data.marks) {
        const x = Math.round(valToPos(second, 'x', true)) + 0.5
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bbox.top + bbox.height)
        ctx.stroke()
        const left = x < bbox.left + bbox.width / 2 ? x + 4 * px : x - ctx.measureText(label).width - 4 * px
        name(label, left, top, { faulty: false, tone: 'doubt' })
      }
    })
  }

  function overTime(id) {
    const { right, series } = data.charts[id]
    const rightFormat = right === 'share' ? percent : number
    const least = right === 'share' ? 1 : 0
    // Leaves room for the names at the top.
    const air = data.bands.length + data.marks.length > 0 ? 1.18 : undefined
    return {
      options: {
        legend: legendOf(series),
        cursor: { sync: { key: 'time' }, points: { size: 6 } },
        hooks: { drawClear: [drawBands], draw: [drawNames] },
        scales: {
          x: { time: false },
          y: { range: (_, __, max) => upTo(max, air) },
          ...(right && { right: { range: (_, __, max) => upTo(Math.max(max, least), air) } }),
        },
        axes: [
          axis({
            incrs: TIME_STEPS,
            values: (_, splits) => splits.map(stopWatch),
            grid: { show: false },
            size: 28,
            space: 60,
          }),
          axis({ size: 52, values: (_, splits) => splits.map(number) }),
          ...(right
            ? [
                axis({
                  scale: 'right',
                  side: 1,
                  size: 52,
                  grid: { show: false },
                  values: (_, splits) => splits.map(rightFormat),
                }),
              ]
            : []),
        ],
        series: [
          { label: ' ', value: shownAs(stopWatch) },
          ...series.map(each => line(each, data.seconds.length, each.axis === 'right' ? rightFormat : number)),
        ],
      },
      columns: [data.seconds, ...series.map(({ values }) => values)],
    }
  }

  function byPercentile() {
    const { nines, series } = data.spectrum
    const percentile = at => `p${Number((100 * (1 - 10 ** -at)).toFixed(4))}`
    const percentileSplits = [Math.log10(2), 1, 2, 3, 4, 5, 6]
    const latencySplits = [-2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power))
    // A logarithmic axis cannot show zero.
    const positive = values => values.map(value => (value === null ? null : Math.max(value, 0.01)))
    const within = (splits, { min, max }) => splits.filter(split => split >= min && split <= max)
    return {
      options: {
        height: 360,
        legend: legendOf(series),
        cursor: { points: { size: 6 }, drag: { x: false, y: false } },
        scales: { x: { time: false }, y: { distr: 3, range: (_, min, max) => [min / 1.25, max * 1.25] } },
        axes: [
          axis({
            splits: plot => within(percentileSplits, plot.scales.x),
            values: (_, splits) => splits.map(percentile),
            size: 28,
          }),
          axis({
            splits: plot => within(latencySplits, plot.scales.y),
            filter: (_, splits) => splits,
            values: (_, splits) => splits.map(number),
            size: 52,
          }),
        ],
        // Where one side knows fewer percentiles, its curve goes straight from one to the next.
        series: [
          { label: ' ', value: shownAs(percentile) },
          ...series.map(each => ({ ...line(each, nines.length), spanGaps: true })),
        ],
      },
      columns: [nines, ...series.map(({ values }) => positive(values))],
    }
  }

  function sinceMark(id) {
    const curves = data.recoveries[id]
    return {
      options: {
        height: 260,
        legend: legendOf(curves),
        cursor: { points: { size: 6 } },
        scales: { x: { time: false, range: (_, __, max) => upTo(max) }, y: { range: [0, 1.04] } },
        axes: [
          axis({ values: (_, splits) => splits.map(second => `${number(second)} s`), grid: { show: false }, size: 28 }),
          axis({ size: 52, values: (_, splits) => splits.map(percent) }),
        ],
        series: [
          { label: ' ', value: shownAs(second => `${number(second)} s`) },
          ...curves.map(each => ({
            ...line(each, each.seconds.length, percent),
            paths: uPlot.paths.stepped({ align: 1 }),
            spanGaps: true,
          })),
        ],
      },
      columns: uPlot.join(curves.map(({ seconds, shares }) => [seconds, shares])),
    }
  }

  function chartOf(id) {
    if (id === 'spectrum') return byPercentile()
    return id in data.recoveries ? sinceMark(id) : overTime(id)
  }

  let plots = []
  function drawAll() {
    for (const plot of plots) plot.destroy()
    plots = [...document.querySelectorAll('.plot')].map(place => {
      const { options, columns } = chartOf(place.dataset.chart)
      return new uPlot({ width: place.clientWidth, height: HEIGHT_PX, ...options }, columns, place)
    })
  }
  drawAll()

  // This includes printing, which is always light.
  matchMedia('screen and (prefers-color-scheme: dark)').addEventListener('change', drawAll)
  const resized = new ResizeObserver(() => {
    for (const plot of plots) {
      const width = plot.root.parentElement.clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height })
    }
  })
  for (const place of document.querySelectorAll('.plot')) resized.observe(place)

  function sortBy(table, heading) {
    const column = [...heading.parentElement.children].indexOf(heading)
    const descending = heading.getAttribute('aria-sort') !== 'descending'
    const value = row => row.children[column].dataset.value
    const numeric = heading.classList.contains('number')
    const compare = (a, b) => (numeric ? value(a) - value(b) : value(a).localeCompare(value(b), 'en'))
    const rows = [...table.tBodies[0].rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)))
    for (const other of heading.parentElement.children) other.removeAttribute('aria-sort')
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
    table.tBodies[0].append(...rows)
  }

  for (const heading of document.querySelectorAll('[data-sortable] [data-order]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...heading.childNodes)
    button.addEventListener('click', () => sortBy(heading.closest('table'), heading))
    heading.append(button)
  }
})()
