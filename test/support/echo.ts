import { type Link, MalformedMessage, type MessageCodec } from '../../harness/bus/link.ts'

export interface Note {
  text: string
}

/** Sends back a copy of each note. `close` closes the link, and `die` ends the process. */
export function echo(link: Link<Note, Note>, die: () => void = () => {}): void {
  link.receive(({ text }) => {
    if (text === 'close') link.close()
    else if (text === 'die') die()
    else link.send({ text })
  })
}

export const textCodec: MessageCodec<Note, Note> = {
  encode: ({ text }) => text,
  decode(text) {
    if (text === 'nonsense') throw new MalformedMessage('it is nonsense')
    return { text }
  },
}
