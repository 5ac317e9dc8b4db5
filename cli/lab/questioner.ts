import { createInterface, type Interface } from 'node:readline/promises'
import type { LabUnit } from '../../labs/lab.ts'
import { readLabValue } from '../../labs/lab-text.ts'

/** Asks the learner. Where there is no terminal, every answer is undefined. */
export interface Questioner {
  text(question: string): Promise<string | undefined>
  /** Asks until the answer is a number, or empty. */
  number(question: string, unit: LabUnit): Promise<number | undefined>
  /** @returns a number from 1 to `count` */
  choose(count: number): Promise<number | undefined>
  close(): void
}

/** @param stop aborts a question that waits, with its reason. */
export function questionerOf(input: NodeJS.ReadStream, output: NodeJS.WriteStream, stop: AbortSignal): Questioner {
  const nobody = Promise.resolve(undefined)
  if (!input.isTTY) return { text: () => nobody, number: () => nobody, choose: () => nobody, close() {} }
  const lines: Interface = createInterface({ input, output })
  // A terminal in this mode sends Ctrl-C as a key.
  lines.on('SIGINT', () => process.emit('SIGINT'))
  const ask = (question: string) => lines.question(`${question}: `, { signal: stop })
  return {
    text: ask,
    async number(question, unit) {
      for (;;) {
        const text = await ask(question)
        if (text.trim() === '') return undefined
        const value = readLabValue(text, unit)
        if (value !== undefined) return value
        output.write(
          `Please write a number, in ${unit === 'share' ? 'per cent' : unit}, or press Enter to go on without one.\n`,
        )
      }
    },
    async choose(count) {
      for (;;) {
        const text = (await ask('Your answer')).trim()
        if (text === '') return undefined
        const number = Number(text)
        if (Number.isInteger(number) && number >= 1 && number <= count) return number
        output.write(`Please write a number from 1 to ${count}.\n`)
      }
    },
    close: () => lines.close(),
  }
}
