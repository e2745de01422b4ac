/**
 * A hint for the customer before sending, nothing more: the server masks by its own, stricter rules.
 */

const CANDIDATE = /\d(?:[\s\-‐-―·.]?\d){12,18}/g

/** Whether `text` holds 13–19 digits, in any spelling with separators or full width, that pass Luhn. */
export function looksLikeCardNumber(text: string): boolean {
  const plain = text.normalize('NFKC')
  for (const [candidate] of plain.matchAll(CANDIDATE)) {
    if (passesLuhn(candidate.replace(/\D/g, ''))) return true
  }
  return false
}

function passesLuhn(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    let digit = Number(digits[digits.length - 1 - i])
    if (i % 2 === 1) digit = digit * 2 - (digit > 4 ? 9 : 0)
    sum += digit
  }
  return sum % 10 === 0
}
