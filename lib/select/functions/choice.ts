import type { AllowedFunctions } from './allowed-function.ts'

export const CHOICE = {
  if: { signatures: ['boolean, T -> T', 'boolean, T, T -> T'] },
  coalesce: { signatures: ['T, T... -> T'] },
  nullif: { signatures: ['T, T -> T'], typed: true },
  try: { signatures: ['T -> T'], note: 'null where its argument fails' },
} as const satisfies AllowedFunctions
