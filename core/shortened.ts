/** Cuts a text that is longer than `longest` characters, and shows that it was cut. */
export function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text
}
