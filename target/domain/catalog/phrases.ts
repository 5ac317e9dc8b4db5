/** Texts that occur in many products, each kept once and known by its number. */
export class Phrases {
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()

  get count(): number {
    return this.#texts.length
  }

  /** The text's number; a new one if it was not known. */
  number(text: string): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#texts.length
      this.#texts.push(text)
      this.#numbers.set(text, number)
    }
    return number
  }

  text(number: number): string {
    return this.#texts[number] as string
  }
}
