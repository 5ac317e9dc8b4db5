const drawings = new Set<() => void>()
let isAsked = false

/** Draws before the next frame that the browser shows, once for all askers; nothing while the tab is hidden. */
export function drawSoon(draw: () => void): void {
  drawings.add(draw)
  ask()
}

function ask(): void {
  if (isAsked || document.hidden || drawings.size === 0) return
  isAsked = true
  requestAnimationFrame(() => {
    isAsked = false
    const due = [...drawings]
    drawings.clear()
    for (const draw of due) draw()
  })
}

document.addEventListener('visibilitychange', ask)
