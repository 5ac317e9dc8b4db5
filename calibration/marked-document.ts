const BEGIN = '<!-- calibration: begin -->'
const END = '<!-- calibration: end -->'

/** Returns the document with this text between its markers. @throws RangeError when it has no markers. */
export function withCalibration(document: string, markdown: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (from === -1 || to < from) throw new RangeError(`expected the markers ${BEGIN} and ${END}`)
  return `${document.slice(0, from + BEGIN.length)}\n\n${markdown}\n\n${document.slice(to)}`
}
