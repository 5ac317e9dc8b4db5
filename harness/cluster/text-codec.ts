import type { MessageCodec } from '../bus/link.ts'

/** Leaves messages as they are, for those who only pass them on. */
export const asText: MessageCodec<string, string> = { encode: text => text, decode: text => text }
