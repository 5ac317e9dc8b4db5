export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a
export const SEMICOLON = 0x3b

/** By octet: 1 for those that a field value or a reason phrase may have (RFC 9110 §5.5), including obs-text. */
export const TEXT = table(octet => octet === TAB || (octet >= SPACE && octet !== 0x7f))

/** By octet: 1 for those of a token (RFC 9110 §5.6.2). */
export const TOKEN = table(octet => /^[!#$%&'*+.^_`|~0-9A-Za-z-]$/.test(String.fromCharCode(octet)))

/** By octet: the value of a hexadecimal digit; 255 for anything else. */
export const HEX = Uint8Array.from({ length: 256 }, (_, octet) => {
  const digit = String.fromCharCode(octet)
  return /^[0-9a-fA-F]$/.test(digit) ? Number.parseInt(digit, 16) : 255
})

function table(has: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => Number(has(octet)))
}
