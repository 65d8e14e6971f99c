/** Whether what was typed is the word that was asked for, give or take case and blanks. */
export function isTyped(typed: string, word: string): boolean {
  return typed.trim().toLocaleLowerCase() === word.toLocaleLowerCase()
}
