type Script = 'cyrillic' | 'central' | 'western'

/** Code pages a file may be written in, the likely ones first. */
export const CODE_PAGES: readonly { name: string; label: string; script?: Script }[] = [
  { name: 'utf-8', label: 'UTF-8' },
  { name: 'utf-8-sig', label: 'UTF-8 (BOM)' },
  { name: 'cp1251', label: 'Windows-1251', script: 'cyrillic' },
  { name: 'cp1250', label: 'Windows-1250', script: 'central' },
  { name: 'cp1252', label: 'Windows-1252', script: 'western' },
  { name: 'koi8-r', label: 'KOI8-R', script: 'cyrillic' },
  { name: 'cp866', label: 'DOS 866', script: 'cyrillic' },
  { name: 'cp852', label: 'DOS 852', script: 'central' },
  { name: 'iso-8859-5', label: 'ISO 8859-5', script: 'cyrillic' },
  { name: 'iso-8859-2', label: 'ISO 8859-2', script: 'central' },
  { name: 'iso-8859-1', label: 'ISO 8859-1', script: 'western' },
  { name: 'iso-8859-15', label: 'ISO 8859-15', script: 'western' },
  { name: 'mac-cyrillic', label: 'Mac', script: 'cyrillic' },
  { name: 'utf-16', label: 'UTF-16' },
  { name: 'utf-16-le', label: 'UTF-16 LE' },
  { name: 'utf-16-be', label: 'UTF-16 BE' },
]

export const DELIMITERS = [
  { value: ';', word: 'semicolon' },
  { value: ',', word: 'comma' },
  { value: '\t', word: 'tab' },
  { value: '|', word: 'bar' },
] as const

/** Shown as what they look like: the same in every language. */
export const DATE_ORDERS = [
  { value: 'dmy', label: '31.12.2026' },
  { value: 'mdy', label: '12/31/2026' },
  { value: 'ymd', label: '2026-12-31' },
]
export const DECIMALS = [
  { value: ',', label: '1.234,50' },
  { value: '.', label: '1,234.50' },
]
