// Runs in the browser, inside the report, before the other scripts: the data block, and how values and colours are shown. Without
// scripts, only the charts are missing.
/* global document, getComputedStyle */
;(() => {
  'use strict'

  const data = JSON.parse(document.getElementById('chart-data').textContent)
  document.documentElement.classList.add('scripted')
  document.getElementById('timeline')?.removeAttribute('open')

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const channels = name => [1, 3, 5].map(at => Number.parseInt(color(name).slice(at, at + 2), 16))

  const number = value =>
    value >= 100
      ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3)))
  const percent = share => `${number(share * 100)} %`
  const bytes = value => {
    const step = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3))
    return `${number(value / 1000 ** step)} ${['B', 'kB', 'MB', 'GB', 'TB'][step]}`
  }
  const stopWatch = seconds => {
    const [hours, minutes, rest] = [
      Math.floor(seconds / 3600),
      Math.floor((seconds % 3600) / 60),
      Math.floor(seconds % 60),
    ]
    const padded = value => String(value).padStart(2, '0')
    return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`
  }

  globalThis.reportPage = {
    data,
    color,
    /** Returns a colour with this opacity. */
    faint: (name, opacity) => `rgba(${channels(name).join()}, ${opacity})`,
    /** Returns an opaque mixture of a colour and the paper. */
    mixed: (name, share) => {
      const paper = channels('paper')
      return `rgb(${channels(name)
        .map((channel, at) => Math.round(paper[at] + (channel - paper[at]) * share))
        .join()})`
    },
    formats: { number, share: percent, bytes },
    stopWatch,
    /** For the legend: the value under the pointer, or nothing. */
    shownAs: format => (_, value) => (value === null || value === undefined ? '' : format(value)),
    /** Returns the middles of intervals from their ends. */
    middlesOf: ends => ends.map((end, at) => (end + (ends[at - 1] ?? 0)) / 2),
  }
})()
