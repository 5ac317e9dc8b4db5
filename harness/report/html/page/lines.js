// Options of the charts that consist of lines. `uPlot` is a global of the script before these.
/* global devicePixelRatio, document, getComputedStyle, reportPage, uPlot */
;(() => {
  'use strict'

  const { data, color, faint, formats, stopWatch, shownAs } = reportPage
  const DASHES = { solid: undefined, dashed: [7, 4], dotted: [2, 3] }
  /** Steps of a time axis in seconds, which are multiples of clock units. */
  const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400]
  const LOG_SPLITS = [-2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power))
  /** A logarithmic axis cannot show zero. */
  const LEAST_LOG = 0.01
  const { number } = formats

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

  /** A time axis from the start of the run to its end, however many points a chart has. */
  function timeAxis() {
    return axis({
      incrs: TIME_STEPS,
      values: (_, splits) => splits.map(stopWatch),
      grid: { show: false },
      size: 28,
      space: 60,
    })
  }

  const timeScale = {
    time: false,
    range: ({ data: [seconds] }, min, max) =>
      min === seconds[0] && max === seconds.at(-1) ? [0, Math.max(max, data.seconds.at(-1) ?? 0)] : [min, max],
  }

  /** A logarithmic axis of times in ms. Its labels keep a distance. */
  function logAxis() {
    const within = ({ min, max }) => LOG_SPLITS.filter(split => split >= min && split <= max)
    return axis({
      size: 52,
      splits: plot => {
        const splits = within(plot.scales.y)
        return splits.length > 8 ? splits.filter(split => Number.isInteger(Math.log10(split))) : splits
      },
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map(number),
    })
  }
  const logScale = {
    distr: 3,
    range: (_, min, max) => [Math.max(min, LEAST_LOG) / 1.25, Math.max(max, LEAST_LOG) * 1.25],
  }
  const positive = values => values.map(value => (value === null ? null : Math.max(value, LEAST_LOG)))

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
      /** Taken parts of the rows of names, from left to right. */
      const rows = Array.from({ length: 3 }, () => [])
      for (const { second, label } of data.marks) {
        const x = Math.round(valToPos(second, 'x', true)) + 0.5
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bbox.top + bbox.height)
        ctx.stroke()
        const { width } = ctx.measureText(label)
        const left = x < bbox.left + bbox.width / 2 ? x + 4 * px : x - width - 4 * px
        // A name that would cover another is left out; the list of marks has all of them.
        const row = rows.findIndex(taken => taken.every(([from, to]) => left + width + px < from || left - px > to))
        if (row < 0) continue
        rows[row].push([left - px, left + width + px])
        name(label, left, top + row * 15 * px, { faulty: false, tone: 'doubt' })
      }
    })
  }

  /** Hooks of all charts over time. */
  const timeHooks = () => ({ drawClear: [drawBands], draw: [drawNames] })

  /** Shades the space between two lines. */
  function bandOf(band, series) {
    if (band === undefined) return []
    const [low, high] = band.map(label => series.findIndex(each => each.label === label) + 1)
    return low > 0 && high > 0 ? [{ series: [high, low], fill: faint('blue', 0.1) }] : []
  }

  function overTime({ left, right, log, band, series, seconds = data.seconds }, isLog) {
    const logarithmic = log === true && isLog
    const leftFormat = formats[left ?? 'number']
    const rightFormat = formats[right ?? 'number']
    const least = right === 'share' ? 1 : 0
    // Leaves room for the names at the top.
    const air = data.bands.length + data.marks.length > 0 ? 1.18 : undefined
    return {
      options: {
        legend: legendOf(series),
        cursor: { sync: { key: 'time' }, points: { size: 6 } },
        hooks: timeHooks(),
        bands: bandOf(band, series),
        scales: {
          x: timeScale,
          y: logarithmic ? logScale : { range: (_, __, max) => upTo(max, air) },
          ...(right && { right: { range: (_, __, max) => upTo(Math.max(max, least), air) } }),
        },
        axes: [
          timeAxis(),
          logarithmic
            ? logAxis()
            : axis({ size: left === 'bytes' ? 62 : 52, values: (_, splits) => splits.map(leftFormat) }),
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
          ...series.map(each => line(each, seconds.length, each.axis === 'right' ? rightFormat : leftFormat)),
        ],
      },
      columns: [seconds, ...series.map(({ values }) => (logarithmic ? positive(values) : values))],
    }
  }

  function byPercentile() {
    const { nines, series } = data.spectrum
    const percentile = at => `p${Number((100 * (1 - 10 ** -at)).toFixed(4))}`
    const percentileSplits = [Math.log10(2), 1, 2, 3, 4, 5, 6]
    return {
      options: {
        height: 360,
        legend: legendOf(series),
        cursor: { points: { size: 6 }, drag: { x: false, y: false } },
        scales: { x: { time: false }, y: logScale },
        axes: [
          axis({
            splits: ({ scales }) => percentileSplits.filter(split => split >= scales.x.min && split <= scales.x.max),
            values: (_, splits) => splits.map(percentile),
            size: 28,
          }),
          logAxis(),
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

  function sinceMark(curves) {
    const { share } = formats
    return {
      options: {
        height: 260,
        legend: legendOf(curves),
        cursor: { points: { size: 6 } },
        scales: { x: { time: false, range: (_, __, max) => upTo(max) }, y: { range: [0, 1.04] } },
        axes: [
          axis({ values: (_, splits) => splits.map(second => `${number(second)} s`), grid: { show: false }, size: 28 }),
          axis({ size: 52, values: (_, splits) => splits.map(share) }),
        ],
        series: [
          { label: ' ', value: shownAs(second => `${number(second)} s`) },
          ...curves.map(each => ({
            ...line(each, each.seconds.length, share),
            paths: uPlot.paths.stepped({ align: 1 }),
            spanGaps: true,
          })),
        ],
      },
      columns: uPlot.join(curves.map(({ seconds, shares }) => [seconds, shares])),
    }
  }

  Object.assign(reportPage, { clipped, timeAxis, timeScale, timeHooks, logAxis, overTime, byPercentile, sinceMark })
})()
