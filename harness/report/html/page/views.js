// Lets readers choose whose requests the charts show: from a list, or beside the name in a table.
/* global document, reportPage */
;(() => {
  'use strict'

  const { data, middlesOf, show } = reportPage
  const block = document.getElementById('chart-views')
  const choice = document.querySelector('[data-views]')
  if (block === null || choice === null) return
  let views

  /** Returns the chart with the values of a view. Series of which it knows nothing are left out. */
  function chartOf(id, values, seconds) {
    const chart = data.charts[id]
    const series = chart.series
      .filter(({ label }) => label in values)
      .map(each => ({ ...each, values: values[each.label] }))
    return { ...chart, series, seconds }
  }

  function viewOf(number) {
    views ??= JSON.parse(block.textContent)
    const { charts, heat, ends: clock } = views.views[number]
    const ends = views.ends[clock]
    const seconds = middlesOf(ends)
    return {
      charts: Object.fromEntries(Object.entries(charts).map(([id, values]) => [id, chartOf(id, values, seconds)])),
      heat: { ends, columns: heat },
    }
  }

  /** Says in the captions whose requests a chart shows. */
  function tell({ charts }, label) {
    for (const place of document.querySelectorAll('#charts .plot')) {
      const caption = place.closest('figure').querySelector('figcaption')
      caption.querySelector('.whose')?.remove()
      if (label === undefined) continue
      const isShown = place.dataset.chart in charts || place.dataset.chart === 'heat'
      const whose = document.createElement('em')
      whose.className = 'whose'
      whose.textContent = isShown ? label : 'all requests'
      caption.querySelector('strong').after(whose)
    }
  }

  function choose() {
    const label = choice.value === '' ? undefined : choice.selectedOptions[0].textContent
    const view = choice.value === '' ? { charts: {} } : viewOf(Number(choice.value))
    tell(view, label)
    show(view)
    for (const button of document.querySelectorAll('button[data-view]'))
      button.setAttribute('aria-pressed', String(button.dataset.view === choice.value))
  }
  choice.addEventListener('change', choose)

  for (const spark of document.querySelectorAll('[data-view]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.view = spark.dataset.view
    button.className = spark.className
    button.setAttribute('aria-pressed', 'false')
    button.setAttribute(
      'aria-label',
      `Show ${spark.closest('tr').querySelector('th').textContent.trim()} in the charts`,
    )
    button.append(...spark.childNodes)
    button.addEventListener('click', () => {
      choice.value = choice.value === button.dataset.view ? '' : button.dataset.view
      choose()
      document.getElementById('charts').scrollIntoView()
    })
    spark.replaceWith(button)
  }
})()
