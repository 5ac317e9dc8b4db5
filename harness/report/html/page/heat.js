// The heat map of response times: a column for each step of time, a field for each level of time.
/* global reportPage */
;(() => {
  'use strict'

  const { mixed, formats, stopWatch, shownAs, middlesOf, clipped, timeAxis, timeScale, timeHooks, logAxis } = reportPage
  const SHADES = 12
  /** Level n of a column begins here. */
  const levelMs = level => 0.01 * 10 ** (level / 10)
  const { number } = formats

  /** Calls `visit` with each field that has any requests. */
  function eachField({ ends, columns }, visit) {
    columns.forEach(([first, ...counts], column) => {
      counts.forEach((count, at) => {
        if (count > 0) visit({ from: ends[column - 1] ?? 0, to: ends[column], level: first + at, count })
      })
    })
  }

  function heatMap(heat) {
    let [lowest, highest, most] = [Infinity, 0, 0]
    eachField(heat, ({ level, count }) => {
      lowest = Math.min(lowest, level)
      highest = Math.max(highest, level)
      most = Math.max(most, count)
    })
    if (most === 0) [lowest, highest] = [20, 30]
    const shades = Array.from({ length: SHADES }, (_, at) => mixed('blue', 0.14 + (0.86 * at) / (SHADES - 1)))
    // Few slow requests among many fast ones matter most, so the scale is logarithmic.
    const shadeOf = count =>
      shades[most <= 1 ? SHADES - 1 : Math.round((Math.log(count) / Math.log(most)) * (SHADES - 1))]

    function drawFields(plot) {
      clipped(plot, () => {
        const { ctx, valToPos } = plot
        eachField(heat, ({ from, to, level, count }) => {
          const [left, right] = [from, to].map(second => Math.round(valToPos(second, 'x', true)))
          const [bottom, top] = [level, level + 1].map(each => Math.round(valToPos(levelMs(each), 'y', true)))
          ctx.fillStyle = shadeOf(count)
          ctx.fillRect(left, top, right - left, bottom - top)
        })
      })
    }

    /** Describes the field under the pointer, or without one the fullest field of the column. */
    function fieldText(plot, at) {
      const [first, ...counts] = heat.columns[at] ?? []
      if (first === undefined) return 'none'
      const pointedMs = plot.root.matches(':hover') ? plot.posToVal(plot.cursor.top, 'y') : undefined
      const fullest = first + counts.indexOf(Math.max(...counts))
      const level = pointedMs === undefined ? fullest : Math.floor(Math.log10(pointedMs / 0.01) * 10)
      const range = `${number(levelMs(level))}–${number(levelMs(level + 1))} ms`
      return pointedMs === undefined
        ? `${number(counts[level - first])}, the most: ${range}`
        : `${number(counts[level - first] ?? 0)} took ${range}`
    }

    const seconds = middlesOf(heat.ends)
    const { drawClear, draw } = timeHooks()
    return {
      options: {
        legend: { markers: { show: false } },
        cursor: { sync: { key: 'time' }, points: { show: false } },
        hooks: { drawClear: [...drawClear, drawFields], draw },
        scales: { x: timeScale, y: { distr: 3, range: [levelMs(lowest - 1), levelMs(highest + 2)] } },
        axes: [timeAxis(), logAxis()],
        series: [
          { label: ' ', value: shownAs(stopWatch) },
          {
            label: most === 0 ? 'no response times' : `faint: 1, strong: ${number(most)}`,
            value: (plot, _, __, at) => (at === null || at === undefined ? '' : fieldText(plot, at)),
          },
        ],
      },
      columns: [seconds, seconds.map(() => null)],
    }
  }

  Object.assign(reportPage, { heatMap })
})()
