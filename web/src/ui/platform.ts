const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** How this machine's keyboard writes the command key with another: `⌘K`, or `Ctrl K`. */
export function commandKey(key: string): string {
  return mac ? `⌘${key}` : `Ctrl ${key}`
}
