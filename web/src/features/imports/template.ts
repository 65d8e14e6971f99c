/** A CSV of one row of headers, as spreadsheets of every language open it: with a mark, cut by semicolons. */
export function template(headers: readonly string[]): string {
  const cells = headers.map((header) => (/[";\n]/.test(header) ? `"${header.replaceAll('"', '""')}"` : header))
  return `\uFEFF${cells.join(';')}\r\n`
}

export const MAX_BYTES = 50 * 1024 * 1024

/** Why a file is not worth sending; the server looks again. */
export function unfit(file: Pick<File, 'name' | 'size'>): 'empty_file' | 'file_too_large' | 'old_excel' | null {
  if (file.size === 0) return 'empty_file'
  if (file.size > MAX_BYTES) return 'file_too_large'
  return /\.xls$/i.test(file.name) ? 'old_excel' : null
}
