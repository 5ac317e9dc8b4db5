/** Colours of the styles that Loadcell uses, in both schemes. */
const styles: Record<string, string> = {
  '1': 'font-weight: 700',
  '2': 'opacity: 0.65',
  '31': 'color: light-dark(#a5322a, #ee8d82)',
  '32': 'color: light-dark(#1d6b48, #6fc498)',
  '33': 'color: light-dark(#855700, #dcaf56)',
}

/** One character, with the codes of its styles. */
type Cell = readonly [character: string, style: string]

/** Returns the page that shows what a terminal would show after this output: the cursor moves, and lines are erased. */
export function screenPage(output: string): string {
  const lines = screenOf(output).map(line => line.map(([character, style]) => spanOf(character, style)).join(''))
  return `<!doctype html><meta charset="utf-8"><style>
:root { color-scheme: light dark }
body { margin: 0; background: light-dark(#fcfbf9, #16191d); color: light-dark(#1f2328, #e4e2dd) }
pre { display: inline-block; margin: 0; padding: 16px 20px; font: 14px/1.35 "DejaVu Sans Mono", monospace }
</style><pre>${lines.join('\n')}</pre>`
}

// oxlint-disable-next-line no-control-regex -- the sequences of a terminal begin with a control character
const TOKEN = /\u001B\[([?\d;]*)([A-Za-z])|[\s\S]/gu

function screenOf(output: string): Cell[][] {
  const screen: Cell[][] = []
  let [row, column, style] = [0, 0, '']
  for (const [token, numbers = '', command] of output.matchAll(TOKEN)) {
    const count = Number(numbers) || 1
    if (command === 'm') style = ['', '0', '22', '39'].includes(numbers) ? '' : numbers
    else if (command === 'A') row = Math.max(0, row - count)
    else if (command === 'B') row += count
    else if (command === 'G') column = count - 1
    else if (command === 'K') (screen[row] ??= []).splice(numbers === '2' ? 0 : column)
    else if (command === 'J') screen.splice(row + 1)
    else if (token === '\n') row += 1
    else if (token === '\r') column = 0
    else if (command === undefined) {
      const line = (screen[row] ??= [])
      while (line.length < column) line.push([' ', ''])
      line[column++] = [token, style]
    }
  }
  return Array.from(screen, line => line ?? [])
}

function spanOf(character: string, style: string): string {
  const text = character.replace(/[<&]/g, each => (each === '<' ? '&lt;' : '&amp;'))
  return styles[style] === undefined ? text : `<span style="${styles[style]}">${text}</span>`
}
